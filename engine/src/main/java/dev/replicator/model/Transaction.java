package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * One committed transaction of one source, whole.
 *
 * @param commitLsn its identity on that source: where its commit record starts
 * @param end where its commit record ends; the resume token
 * @param commitMicros commit time in microseconds since 1970-01-01 UTC, by the source's clock
 * @param xid the 32-bit transaction id
 * @param origin name of the replication origin it was replayed from, or null if it was made here
 * @param changes its changes on replicated tables
 * @param resume what the log is read on from behind it, where {@code end} alone does not tell; else null
 */
public record Transaction(
        long commitLsn,
        long end,
        long commitMicros,
        int xid,
        @Nullable String origin,
        Changes changes,
        @Nullable Resume resume)
        implements LogEntry {
    /** Of a log whose positions say it all. */
    public Transaction(long commitLsn, long end, long commitMicros, int xid, @Nullable String origin, Changes changes) {
        this(commitLsn, end, commitMicros, xid, origin, changes, null);
    }
}
