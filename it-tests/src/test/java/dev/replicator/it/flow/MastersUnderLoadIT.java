package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Servers;
import dev.replicator.pipeline.Replication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Writers on every master at the same few keys, while the process and the servers are stopped and killed. */
class MastersUnderLoadIT {
    private static final String TABLE = "CREATE TABLE play (id int PRIMARY KEY, title text, year int)";
    private static final String ALL = "SELECT id || ':' || title || ':' || year FROM play ORDER BY id";
    private static final int KEYS = 40;

    private final Masters masters = new Masters("bard");
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong committed = new AtomicLong();
    private final List<Thread> writers = new ArrayList<>();

    @AfterEach
    void endAll() throws Exception {
        endWriters();
        masters.close();
    }

    private void startWriters(long seed) {
        for (int node = 0; node < masters.sync().sourceCount(); node++) {
            int master = node;
            Random random = new Random(seed + node);
            Thread writer = new Thread(() -> write(master, random), "writer-" + node);
            writers.add(writer);
            writer.start();
        }
    }

    private void endWriters() throws InterruptedException {
        stopped.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private void write(int node, Random random) {
        while (!stopped.get()) {
            try (Connection connection = masters.open(node);
                    Statement statement = connection.createStatement()) {
                while (!stopped.get()) {
                    statement.execute(change(node, random));
                    committed.incrementAndGet();
                    LockSupport.parkNanos(random.nextInt(3_000_000));
                }
            } catch (SQLException | RuntimeException e) {
                // The server is away, or the change met a deadlock: the writer goes on.
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private String change(int node, Random random) {
        int id = random.nextInt(KEYS);
        String value = "'m" + node + "-" + random.nextInt(1_000_000) + "', " + random.nextInt(2000);
        return switch (random.nextInt(8)) {
            case 0 -> "DELETE FROM play WHERE id = " + id;
            case 1 ->
                "UPDATE play SET id = " + random.nextInt(KEYS) + " WHERE id = " + id
                        + " AND NOT EXISTS (SELECT FROM play p WHERE p.id = " + random.nextInt(KEYS) + ")";
            case 2, 3 -> "UPDATE play SET year = " + random.nextInt(2000) + " WHERE id = " + id;
            default ->
                "INSERT INTO play VALUES (" + id + ", " + value
                        + ") ON CONFLICT (id) DO UPDATE SET title = excluded.title, year = excluded.year";
        };
    }

    private void awaitWrites(long more) {
        long until = committed.get() + more;
        await().atMost(Duration.ofSeconds(60)).until(() -> committed.get() >= until);
    }

    private void assertEqualAfter(Replication replication) throws Exception {
        endWriters();
        replication.kick().get(60, TimeUnit.SECONDS);
        replication.kick().get(60, TimeUnit.SECONDS);
        List<String> first = masters.query(0, ALL);
        assertThat(first).isNotEmpty();
        for (int node = 1; node < masters.sync().nodeCount(); node++) {
            assertThat(masters.query(node, ALL)).as("node %d", node).isEqualTo(first);
        }
        assertThat(replication.failure()).isNull();
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void threeMastersAndATargetEndEqual(int version) throws Exception {
        masters.start(version, 3, 1, TABLE);
        Replication replication = masters.replicate();
        startWriters(version);
        awaitWrites(3000);
        assertEqualAfter(replication);
    }

    @Test
    void twoMastersEndEqualThoughTheProcessIsRestartedInTheMiddle() throws Exception {
        masters.start(Servers.NEWEST, 2, 0, TABLE);
        Replication replication = masters.replicate();
        startWriters(2);
        for (int i = 0; i < 4; i++) {
            awaitWrites(300);
            assertThat(replication.stop(Duration.ofSeconds(10))).isTrue();
            awaitWrites(100);
            replication = masters.replicate();
        }
        awaitWrites(300);
        assertEqualAfter(replication);
    }

    @Test
    void mastersEndEqualThoughServersAreKilledInTheMiddle() throws Exception {
        masters.start(Servers.NEWEST, 2, 1, TABLE);
        Replication replication = masters.replicate();
        startWriters(3);
        for (int i = 0; i < 4; i++) {
            awaitWrites(300);
            masters.server(i % 3).killHard();
            awaitWrites(100);
            masters.server(i % 3).start();
        }
        awaitWrites(300);
        assertEqualAfter(replication);
    }

    @Test
    void aMasterThatIsAwayWhenTheProcessRestartsKeepsNoneOfTheOthersFromWorking() throws Exception {
        masters.start(Servers.NEWEST, 3, 0, TABLE);
        Replication first = masters.replicate();
        startWriters(4);
        awaitWrites(300);
        endWriters();
        first.kick().get(60, TimeUnit.SECONDS);
        masters.run(2, "INSERT INTO play VALUES (1000, 'just before', 1)");
        await().until(() ->
                masters.query(0, "SELECT title FROM play WHERE id = 1000").size() == 1);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> first.status().databases().stream()
                        .allMatch(each -> each.source() != null && each.source().acknowledged() > 0));
        first.stop(Duration.ofSeconds(10));
        masters.server(2).killHard();
        Replication second = masters.replicate();
        masters.run(0, "INSERT INTO play VALUES (1001, 'from m1', 1)");
        masters.run(1, "INSERT INTO play VALUES (1002, 'from m2', 1)");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(masters.query(1, "SELECT title FROM play WHERE id = 1001"))
                    .containsExactly("from m1");
            assertThat(masters.query(0, "SELECT title FROM play WHERE id = 1002"))
                    .containsExactly("from m2");
        });
        masters.server(2).start();
        assertEqualAfter(second);
    }
}
