package dev.replicator.pipeline;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * When a node that was given up, and answers again, is a reason to read everything anew: at once, but if it is given up
 * again soon, only after a minute, then two, and so on up to an hour. Otherwise one that answers but cannot be written
 * would keep all others reading. Outlives terms; used by the resolve thread.
 */
final class Returns {
    private static final long FIRST_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long MOST_NANOS = Duration.ofHours(1).toNanos();

    private final Map<Integer, Last> last = new HashMap<>();

    /** When it returned last, and how long it has to stay away at least before it returns again. */
    private record Last(long atNanos, long pauseNanos) {}

    /** Whether the node may return now; if so, it does. {@code told}: somebody has asked for it. */
    boolean returns(int node, long now, boolean told) {
        Last before = last.get(node);
        if (before != null && !told && now - before.atNanos < before.pauseNanos) {
            return false;
        }
        long pause = FIRST_NANOS;
        if (before != null && now - before.atNanos < 2 * MOST_NANOS) {
            pause = Math.min(2 * before.pauseNanos, MOST_NANOS);
        }
        last.put(node, new Last(now, pause));
        return true;
    }
}
