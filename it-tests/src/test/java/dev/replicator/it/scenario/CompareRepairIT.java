package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Operator;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rows that are not the same are found and mended while applications write; so comes back what lost its slot. */
class CompareRepairIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final String WORK =
            "CREATE TABLE work (id int, part text, title text, n int, PRIMARY KEY (id, part))";
    private static final int DIFFER = 27;

    @Test
    void whatDiffersIsFoundAndMendedAndAMasterThatLostItsSlotComesBack() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(MASTERS, List.of(Servers.of(Servers.NEWEST), Servers.of(Servers.OLDEST)), WORK);
            fixture.database("r", Servers.of(Servers.NEWEST), WORK);
            List.of("m1", "m2", "r")
                    .forEach(
                            name -> fixture.run(
                                    name,
                                    "INSERT INTO work SELECT i, 'it''s' || i % 3, repeat('x', 100), i FROM generate_series(1, 20000) i"));
            fixture.sync("same", MASTERS, List.of("r")).grant();
            String sync = fixture.syncName("same");
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast("the process ended", () -> !process.isRunning())
                    .until(() -> new Operator(fixture).command("kick", sync).code() == 0);
            try (Busy busy = new Busy(fixture)) {
                busy.awaitSome();
                ReplicatorProcess.Ended equal = new Operator(fixture).command("compare", sync, "--timeout", "30s");
                assertThat(equal.code())
                        .as(equal.out() + equal.err() + process.log())
                        .isZero();
                fixture.run(
                        "r",
                        "UPDATE work SET title = NULL WHERE id = 9001",
                        "DELETE FROM work WHERE id IN (9002, 9003)",
                        "INSERT INTO work VALUES (-5, 'extra', 'too many', 0)");
                ReplicatorProcess.Ended found = new Operator(fixture).command("compare", sync, "--json");
                assertThat(found.code()).as(found.err()).isEqualTo(DIFFER);
                assertThat(found.out())
                        .contains("\"differing\" : 1", "\"missing\" : 2", "\"extra\" : 1", "\"equal\" : false");
                ReplicatorProcess.Ended mended = new Operator(fixture).command("repair", sync, "--from", "m1", "--yes");
                assertThat(mended.code()).as(mended.out() + mended.err()).isZero();
                assertThat(mended.out()).contains("r: public.work: 4 rows were mended; now equal");
            }
            ReplicatorProcess.Ended rest = new Operator(fixture).command("kick", sync);
            assertThat(rest.code()).as(rest.err()).isZero();
            new RowComparison(fixture, List.of("m1", "m2", "r"), "work").awaitEqual(LIMIT, process::log);
            process.kill();
            theSlotIsLost(fixture, sync);
        }
    }

    /** The way that the error message says. */
    private static void theSlotIsLost(Fixture fixture, String sync) {
        await().atMost(LIMIT)
                .until(() -> fixture.query(
                                "m2",
                                "SELECT 1 FROM pg_replication_slots WHERE active AND database = current_database()")
                        .isEmpty());
        fixture.query(
                "m2",
                "SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots"
                        + " WHERE database = current_database()");
        fixture.run(
                "m2",
                "UPDATE work SET title = 'lost' WHERE id = 100",
                "DELETE FROM work WHERE id = 101",
                "INSERT INTO work VALUES (-6, 'new', 'only here', 1)");
        fixture.run("m1", "UPDATE work SET title = 'elsewhere' WHERE id = 102");
        ReplicatorProcess process = fixture.startProcess();
        await().atMost(LIMIT)
                .failFast("the process ended", () -> !process.isRunning())
                .until(() -> process.log().contains("replicator repair " + sync));
        assertThat(process.log())
                .contains("replicator slot create " + sync + " --database m2", "replicator compare " + sync);
        ReplicatorProcess.Ended made = new Operator(fixture).command("slot", "create", sync, "--database", "m2");
        assertThat(made.code()).as(made.err()).isZero();
        ReplicatorProcess.Ended found = new Operator(fixture).command("compare", sync, "--with", "m2");
        assertThat(found.code()).as(found.out() + found.err() + process.log()).isEqualTo(DIFFER);
        assertThat(found.out())
                .contains("m1: public.work: 1 differ, 1 missing, 1 extra", "missing (-6, new)", "(20000 rows on m2)");
        ReplicatorProcess.Ended mended = new Operator(fixture).command("repair", sync, "--from", "m2", "--yes");
        assertThat(mended.code()).as(mended.out() + mended.err()).isZero();
        new RowComparison(fixture, List.of("m1", "m2", "r"), "work").awaitEqual(LIMIT, process::log);
        assertThat(fixture.value("m1", "SELECT title FROM work WHERE id = 100")).isEqualTo("lost");
        fixture.run("m2", "UPDATE work SET title = 'goes on' WHERE id = 103");
        await().atMost(LIMIT)
                .until(() -> fixture.value("m1", "SELECT title FROM work WHERE id = 103")
                        .equals("goes on"));
        assertThat(process.terminate()).as(process.log()).isZero();
    }

    /** Writes without pause on both masters, until it is closed. */
    private static final class Busy implements AutoCloseable {
        private final AtomicBoolean ends = new AtomicBoolean();
        private final AtomicInteger made = new AtomicInteger();
        private final List<Thread> threads;

        Busy(Fixture fixture) {
            threads = MASTERS.stream()
                    .map(master -> new Thread(() -> write(fixture, master)))
                    .toList();
            threads.forEach(Thread::start);
        }

        private void write(Fixture fixture, String master) {
            try (Connection connection = fixture.connect(master);
                    Statement statement = connection.createStatement()) {
                for (int i = 1; !ends.get(); i++) {
                    statement.execute("UPDATE work SET n = n + 1 WHERE id = " + (1 + i * 37 % 5000));
                    made.incrementAndGet();
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        void awaitSome() {
            await().atMost(LIMIT).until(() -> made.get() > 100);
        }

        @Override
        public void close() {
            ends.set(true);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
