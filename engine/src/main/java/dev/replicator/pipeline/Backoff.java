package dev.replicator.pipeline;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next try: doubles from 100 ms to 10 s, with jitter so that many do not come at once. */
final class Backoff {
    private static final long FIRST_MILLIS = 100;
    private static final long LAST_MILLIS = 10_000;

    private long millis = FIRST_MILLIS;

    void reset() {
        millis = FIRST_MILLIS;
    }

    Duration next() {
        long now = millis;
        millis = Math.min(LAST_MILLIS, millis * 2);
        return Duration.ofMillis(now / 2 + ThreadLocalRandom.current().nextLong(now / 2 + 1));
    }
}
