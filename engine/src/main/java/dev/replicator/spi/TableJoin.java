package dev.replicator.spi;

import dev.replicator.model.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table of a sync came into a database: decided once, when it joins the sync there, and recorded in that database.
 *
 * @param source short name of the database its rows come from; null if they stood there
 * @param ranges the parts it is copied in; empty unless it is being copied
 */
public record TableJoin(
        TableName table, State state, @Nullable String source, List<CopyRange> ranges) {
    /** How far it is. */
    public enum State {
        /** What stood there is taken as it is. */
        KEPT,
        /** It is to be emptied and copied whole; nothing of that has been done yet. */
        REQUESTED,
        /** Its rows are being copied: some ranges may be missing. */
        COPYING,
        /** Its rows were copied, all of them. */
        COPIED;

        /** Whether rows are missing. */
        public boolean isUnfinished() {
            return this == REQUESTED || this == COPYING;
        }
    }

    public TableJoin {
        ranges = List.copyOf(ranges);
    }

    /** A table whose rows stay as they are. */
    public static TableJoin kept(TableName table) {
        return new TableJoin(table, State.KEPT, null, List.of());
    }
}
