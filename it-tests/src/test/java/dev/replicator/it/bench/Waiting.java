package dev.replicator.it.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition by asking again and again, as lightly as the measurement needs. */
final class Waiting {
    static final Duration LIMIT = Duration.ofMinutes(15);
    private static final long PAUSE_NANOS = 2_000_000;

    private Waiting() {}

    static void until(BooleanSupplier condition, String what) {
        until(condition, what, PAUSE_NANOS);
    }

    static void until(BooleanSupplier condition, String what, long pauseNanos) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > LIMIT.toNanos()) {
                throw new IllegalStateException("waited " + LIMIT.toMinutes() + " minutes in vain until " + what);
            }
            LockSupport.parkNanos(pauseNanos);
        }
    }
}
