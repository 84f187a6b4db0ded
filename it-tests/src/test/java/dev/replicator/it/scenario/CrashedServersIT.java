package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers that crash under load and lose commits that were not flushed, while the program is killed too. */
class CrashedServersIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final int CRASHES = 2;
    private static final int MOST_CRASHES = 20;
    private static final int TRANSACTIONS = 100;
    private static final String PROBE = "probe";

    @Test
    void mastersEndEqualThoughServersLoseUnflushedCommitsAndTheProgramIsKilled() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            MASTERS,
                            List.of(forgetful(fixture, Servers.OLDEST), forgetful(fixture, Servers.NEWEST)),
                            RandomWriter.TABLE,
                            "CREATE TABLE probe (id int PRIMARY KEY)")
                    .sync("crashed", MASTERS, List.of(), "tables: [public.hot]")
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            MASTERS.forEach(master -> awaitReader(fixture, master));
            int crashes = 0;
            int lost = 0;
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, 13)) {
                // A flush may come between a commit and the crash: go on until one was lost.
                while (crashes < CRASHES || lost == 0) {
                    assertThat(crashes).as("crashes that lost no commit").isLessThan(MOST_CRASHES);
                    awaitTransactions(writer, TRANSACTIONS);
                    String master = MASTERS.get(crashes % MASTERS.size());
                    lost += crash(fixture, master, crashes);
                    if (crashes % 2 == 1) {
                        process.kill();
                        process = fixture.startProcess();
                    }
                    awaitReader(fixture, master);
                    crashes++;
                }
                awaitTransactions(writer, TRANSACTIONS);
            }
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("m1", "SELECT count(*) > 0 FROM hot")).isEqualTo("t");
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    /** Flushes by itself only every second, and commits without waiting for that. */
    private static Server forgetful(Fixture fixture, int version) {
        return fixture.own(Servers.builder(version)
                .durable(true)
                .setting("synchronous_commit", "off")
                .setting("wal_writer_delay", "1s")
                .start());
    }

    /** Crashes the server just after a commit; returns 1 if the commit was lost. */
    private static int crash(Fixture fixture, String master, int id) {
        fixture.run(master, "INSERT INTO " + PROBE + " VALUES (" + id + ")");
        fixture.server(master).killHard();
        fixture.server(master).start();
        return fixture.query(master, "SELECT id FROM " + PROBE + " WHERE id = " + id)
                        .isEmpty()
                ? 1
                : 0;
    }

    private static void awaitReader(Fixture fixture, String master) {
        await().atMost(LIMIT)
                .until(() -> !fixture.query(master, "SELECT active_pid FROM pg_replication_slots WHERE active")
                        .isEmpty());
    }

    private static void awaitTransactions(RandomWriter writer, int further) {
        int until = writer.committed() + further;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= until);
    }
}
