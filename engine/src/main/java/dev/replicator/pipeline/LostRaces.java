package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Batches of one target that lost to other transactions over locks, since the last one that was committed: how long to
 * wait before the next, and what to say about it. The first is repeated at once; the pause then grows from 5 ms to 2 s,
 * with jitter, so that applications get through in between. Thread: the resolve thread.
 */
final class LostRaces {
    private static final long FIRST_NANOS = 5_000_000;
    private static final long LAST_NANOS = 2_000_000_000;
    /** So many in a row are everyday business under load, and nothing to speak of. */
    private static final int SILENT = 4;

    private int lost;
    private long until;
    private boolean waiting;
    private @Nullable ReplicatorException last;

    void over() {
        lost = 0;
        last = null;
        waiting = false;
    }

    void lost(ReplicatorException reason, long now) {
        lost++;
        last = reason;
        until = now + (lost == 1 ? 0 : pause(lost - 2));
        waiting = true;
    }

    private static long pause(int doublings) {
        long full = Math.min(LAST_NANOS, FIRST_NANOS << Math.min(doublings, 20));
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }

    /** Whether the next batch may be sent; if so, nothing is due any more. */
    boolean mayTry(long now) {
        waiting &= until - now > 0;
        return !waiting;
    }

    /** Nanoseconds until the next try, at least 1; {@link Long#MAX_VALUE} when there is none to wait for. */
    long dueIn(long now) {
        return waiting ? Math.max(1, until - now) : Long.MAX_VALUE;
    }

    /** Why nothing is written at present, in words; empty when there is nothing to say. */
    String reason() {
        ReplicatorException reason = last;
        if (reason == null || (lost <= SILENT && reason.code() != ErrorCode.TIMEOUT)) {
            return "";
        }
        return reason.primary() + (reason.detail() == null ? "" : ". " + reason.detail());
    }
}
