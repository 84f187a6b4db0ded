package dev.replicator.it.harness;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Servers at rest: none of them runs a transaction that writes, for a while. They have to be the scenario's own, with {@code
 * autovacuum} off.
 */
public final class Rest {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final String TRANSACTIONS = "SELECT pg_snapshot_xmax(pg_current_snapshot())";

    private Rest() {}

    /** Waits until no transaction has been written for two seconds; fails with what {@code why} says. */
    public static void await(Fixture fixture, Duration limit, Supplier<?> why) {
        AtomicReference<List<String>> last = new AtomicReference<>(transactions(fixture));
        AtomicLong since = new AtomicLong(System.nanoTime());
        try {
            Awaitility.await().atMost(limit).until(() -> {
                List<String> now = transactions(fixture);
                if (!now.equals(last.getAndSet(now))) {
                    since.set(System.nanoTime());
                }
                return System.nanoTime() - since.get() > QUIET.toNanos();
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "servers still write after " + limit.toSeconds() + " s, last transactions: " + last.get() + "\n"
                            + why.get(),
                    e);
        }
    }

    private static List<String> transactions(Fixture fixture) {
        return fixture.names().stream()
                .map(name -> fixture.value(name, TRANSACTIONS))
                .toList();
    }
}
