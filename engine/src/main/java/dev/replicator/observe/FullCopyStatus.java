package dev.replicator.observe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with one database that gets the tables of a sync copied whole.
 *
 * @param database its short name
 * @param source the database that was copied last; null: none yet
 * @param finished when that was finished; null: none yet
 * @param rows how many rows that were
 * @param next when the next is due by itself; null: only when asked for
 * @param waits why none is made although it is due; null if that is not so
 * @param copy how far the one is that is being made; null: none is
 * @param lastError the last failure, also after it was overcome, or null
 */
public record FullCopyStatus(
        String database,
        @Nullable String source,
        @Nullable Instant finished,
        long rows,
        @Nullable Instant next,
        @Nullable String waits,
        @Nullable CopyStatus copy,
        @Nullable ErrorStatus lastError) {

    public boolean isHealthy() {
        return lastError == null || !lastError.current();
    }
}
