package dev.replicator.pipeline;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long one node's next batch waits for more to be in it. The size of a batch decides what a row costs, so a node that
 * lags waits a little: a quarter of its lag and {@value #LONGEST_MILLIS} ms at most, which it makes good at once. Where
 * nothing lags, nothing waits. Owned by the resolve thread.
 */
final class Linger {
    private static final long LONGEST_MILLIS = 20;
    private static final long LONGEST_NANOS = Duration.ofMillis(LONGEST_MILLIS).toNanos();
    /** A shorter wait gathers nothing. */
    private static final long SHORTEST_NANOS = Duration.ofMillis(1).toNanos();

    private boolean waits;
    private long until;

    /**
     * Whether the batch is to wait longer.
     *
     * @param full whether no more would fit into it
     * @param oldestMicros when the oldest transaction that waits was committed, by its source's clock; 0: none waits
     */
    boolean isToWait(long now, boolean full, long oldestMicros) {
        if (full || oldestMicros == 0 || (waits && until - now <= 0)) {
            waits = false;
            return false;
        }
        if (!waits) {
            long lag = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - oldestMicros / 1000);
            long nanos = Math.min(LONGEST_NANOS, lag / 4);
            waits = nanos >= SHORTEST_NANOS;
            until = now + nanos;
        }
        return waits;
    }

    /** In how many nanoseconds the wait is over; a very long time if nothing waits. */
    long dueIn(long now) {
        return waits ? Math.max(1, until - now) : Long.MAX_VALUE;
    }

    /** There is no session to write to. */
    void end() {
        waits = false;
    }
}
