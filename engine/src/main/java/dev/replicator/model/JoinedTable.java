package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * How a table came into a database that keeps that with its progress.
 *
 * @param source short name of the database its rows come from; null if what stood there was kept
 * @param held of one that has been copied, what its rows hold of every source, as long as the database as a whole holds
 *     less; else null
 */
public record JoinedTable(
        TableName table,
        State state,
        @Nullable String source,
        @Nullable Positions held) {
    /** How far it is. */
    public enum State {
        /** What stood there is taken as it is. */
        KEPT,
        /** Its rows are being copied: some are missing, and some may be there. */
        COPYING,
        /** Its rows were copied, all of them. */
        COPIED
    }

    /** As it is once the database as a whole holds {@code whole}. */
    public JoinedTable within(Positions whole) {
        return held == null || !whole.coversAll(held) ? this : new JoinedTable(table, state, source, null);
    }
}
