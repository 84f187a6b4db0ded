package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.Listener;
import dev.replicator.pipeline.Replication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications and the replication write the same rows at the same time, and lock them in different orders. */
class LockConflictsIT {
    private static final String ALL = "SELECT id || ':' || v || ':' || w FROM hot ORDER BY id";

    private final Masters masters = new Masters("locks");
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> reasons = new ConcurrentLinkedQueue<>();

    private final Listener listener = new Listener() {
        @Override
        public void failed(
                String sync, String database, Side side, ReplicatorException failure, @Nullable Duration retryIn) {
            failures.add(failure.formatted());
        }

        @Override
        public void stateChanged(String sync, String database, Side side, State state, String reason) {
            reasons.add(state + " " + reason);
        }
    };

    @AfterEach
    void endAll() {
        masters.close();
    }

    @Test
    void deadlocksOnHotRowsEndNoSessionAndTheMastersConverge() throws Exception {
        masters.start(
                18,
                2,
                0,
                "CREATE TABLE hot (id int PRIMARY KEY, v int, w text)",
                "INSERT INTO hot SELECT g, 0, '' FROM generate_series(1, 6) g");
        Replication replication = masters.replicate(listener);
        replication.kick().get(60, TimeUnit.SECONDS);
        List<String> fences = fences();
        deadlockWithABatch();
        List<CompletableFuture<Void>> writers = List.of(writer(0), writer(1));
        for (CompletableFuture<Void> writer : writers) {
            writer.get(120, TimeUnit.SECONDS);
        }
        replication.waitForNow().get(120, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(masters.query(0, ALL)).isEqualTo(masters.query(1, ALL)));
        assertThat(failures).isEmpty();
        assertThat(fences()).isEqualTo(fences);
    }

    private List<String> fences() {
        return List.of(
                masters.query(0, "SELECT fence FROM replicator.progress").get(0),
                masters.query(1, "SELECT fence FROM replicator.progress").get(0));
    }

    /** A batch holds row 1 and waits for row 2; who has that one wants row 1 then. The batch is the one to give way. */
    private void deadlockWithABatch() throws Exception {
        try (Connection holder = masters.open(0);
                Statement statement = holder.createStatement()) {
            statement.execute("SET deadlock_timeout = '60s'");
            statement.execute("BEGIN");
            statement.execute("UPDATE hot SET w = 'held' WHERE id = 2");
            masters.run(1, "UPDATE hot SET w = 'batch' WHERE id IN (1, 2)");
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> !masters.query(
                                    0,
                                    "SELECT pid FROM pg_stat_activity WHERE datname = 'app' AND wait_event_type = 'Lock'")
                            .isEmpty());
            statement.execute("UPDATE hot SET w = 'held' WHERE id = 1");
            statement.execute("COMMIT");
        }
        await("the deadlock took place, or nothing was tested")
                .atMost(Duration.ofSeconds(30))
                .until(() -> masters.query(0, "SELECT deadlocks > 0 FROM pg_stat_database WHERE datname = 'app'")
                        .contains("t"));
    }

    /** Writes the rows of each transaction from the last to the first; one that becomes a victim is given up. */
    private CompletableFuture<Void> writer(int node) {
        return CompletableFuture.runAsync(() -> {
            Random random = new Random(node);
            try (Connection connection = masters.open(node);
                    Statement statement = connection.createStatement()) {
                for (int n = 0; n < 150; n++) {
                    try {
                        statement.execute("BEGIN");
                        for (int id = 6; id >= 1; id -= 1 + random.nextInt(2)) {
                            statement.execute("UPDATE hot SET v = v + 1, w = '" + node + "' WHERE id = " + id);
                        }
                        statement.execute("COMMIT");
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).isEqualTo("40P01");
                        statement.execute("ROLLBACK");
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void aLockThatIsHeldForLongIsNamedInTheStatusAndStopsNobodyElse() throws Exception {
        masters.start(
                14, 3, 0, "CREATE TABLE hot (id int PRIMARY KEY, v int, w text)", "INSERT INTO hot VALUES (1, 0, '')");
        Replication replication = masters.replicate(listener);
        replication.kick().get(60, TimeUnit.SECONDS);
        List<String> fences = fences();
        try (Connection connection = masters.open(1);
                Statement statement = connection.createStatement()) {
            statement.execute("SET application_name = 'the blocker'");
            statement.execute("BEGIN");
            statement.execute("SELECT FROM hot FOR UPDATE");
            masters.run(0, "UPDATE hot SET v = 7");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> reasons.stream()
                            .anyMatch(reason -> reason.startsWith("STREAMING") && reason.contains("the blocker")));
            assertThat(masters.query(2, ALL)).containsExactly("1:7:");
            assertThat(masters.query(1, ALL)).containsExactly("1:0:");
            statement.execute("ROLLBACK");
        }
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(1, ALL)).containsExactly("1:7:");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> reasons.stream().reduce((a, b) -> b).orElse("").equals("STREAMING "));
        assertThat(failures).isEmpty();
        assertThat(fences()).isEqualTo(fences);
    }
}
