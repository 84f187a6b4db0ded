package dev.replicator.redis;

import java.util.Map;

/**
 * Tells which batches are in the append-only file on disk, where the server flushes it every second ({@code appendfsync
 * everysec}).
 *
 * <p>Design: the server does not say what it has flushed; it says whether something waits to be written
 * ({@code aof_buffer_length}) and whether a flush is under way ({@code aof_pending_bio_fsync}). When neither is the case,
 * what was written up to then is with the kernel. From then on the server begins a flush within two seconds, in its next
 * round, if there is anything to flush. So after {@link #FLUSH_NANOS} one more answer, which takes a round, and another one
 * in which no flush is under way, all of it is on disk. Source: Redis, {@code aof.c}, flushAppendOnlyFile.
 *
 * <p>One thread; is told the time.
 */
final class FlushWatch {
    static final long FLUSH_NANOS = 2_500_000_000L;

    private long durable;
    private long candidate = -1;
    private long since;
    private boolean begun;

    long durable() {
        return durable;
    }

    /** {@code written}: the newest batch; {@code info}: section persistence of INFO, asked for after it was written. */
    long observe(long written, Map<String, String> info, long nanos) {
        boolean quiet = "0".equals(info.get("aof_buffer_length"))
                && "0".equals(info.get("aof_pending_bio_fsync"))
                && "ok".equals(info.get("aof_last_write_status"));
        if (candidate < 0) {
            if (quiet) {
                begin(written, nanos);
            }
        } else if (!begun) {
            begun = nanos - since >= FLUSH_NANOS;
        } else if (quiet) {
            durable = candidate;
            begin(written, nanos);
        }
        return durable;
    }

    private void begin(long written, long nanos) {
        candidate = written;
        since = nanos;
        begun = false;
    }
}
