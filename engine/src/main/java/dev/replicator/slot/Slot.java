package dev.replicator.slot;

import org.jspecify.annotations.Nullable;

/**
 * A replication slot as its server shows it.
 *
 * @param name its name, unique in the cluster
 * @param plugin its output plugin, or null for a physical slot
 * @param database name of the database it belongs to, on the server; null for a physical slot
 * @param temporary whether it ends with its session
 * @param activePid the server process that uses it, or 0
 * @param holder who that is, as far as this role may see, or null
 * @param restartLsn where the log it keeps starts; 0 when none is kept any more
 * @param confirmedFlush up to where its reader has acknowledged; 0 when unknown
 * @param retainedBytes log kept for it
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved}, {@code lost}; null when unknown
 * @param safeWalBytes how much more log may be written before it may be given up; -1 when there is no limit
 * @param invalidation why the server gave it up ({@code wal_removed}, ...), or null
 * @param failover whether it is kept in step on standbys (17 and later)
 */
public record Slot(
        String name,
        @Nullable String plugin,
        @Nullable String database,
        boolean temporary,
        int activePid,
        @Nullable String holder,
        long restartLsn,
        long confirmedFlush,
        long retainedBytes,
        @Nullable String walStatus,
        long safeWalBytes,
        @Nullable String invalidation,
        boolean failover) {

    public boolean isActive() {
        return activePid != 0;
    }

    /** Whether the server gave it up: the log it needs is gone. */
    public boolean isInvalidated() {
        return invalidation != null;
    }
}
