package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replicator that is stopped with SIGSTOP under load is replaced by the standby, and gives way when it wakes. */
class FrozenProcessIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");

    @Test
    void aStandbyTakesOverFromAFrozenProcessThatGivesWayWhenItWakes() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            MASTERS,
                            List.of(Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST)),
                            RandomWriter.TABLE)
                    .sync("frozen", MASTERS, List.of())
                    .grant();
            // What a server waits for before it takes the slot from a reader that does not answer.
            MASTERS.forEach(master -> fixture.runAsSuperuser(
                    master, "ALTER DATABASE " + fixture.databaseName(master) + " SET wal_sender_timeout = '2s'"));
            ReplicatorProcess first = fixture.startProcess();
            awaitFences(fixture, first, List.of(0L, 0L));
            ReplicatorProcess standby = fixture.startProcess();
            await().atMost(LIMIT).until(() -> standby.log().contains("standby"));
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, 23)) {
                awaitTransactions(writer, 300);
                List<Long> fences = fences(fixture);
                first.freeze();
                int before = first.log().length();
                awaitFences(fixture, standby, fences);
                awaitTransactions(writer, 300);
                List<Long> taken = fences(fixture);

                first.unfreeze();
                await().atMost(LIMIT)
                        .failFast(first::assertRunning)
                        .until(() -> first.log().substring(before).contains("standby"));
                awaitTransactions(writer, 300);
                assertThat(fences(fixture))
                        .as("the process that woke has taken nothing back")
                        .isEqualTo(taken);
            }
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, standby::log);

            standby.kill();
            fixture.run("m1", "INSERT INTO hot VALUES (-1, 1, 'after')");
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, first::log);
            assertThat(fixture.value("m2", "SELECT b FROM hot WHERE id = -1")).isEqualTo("after");
        }
    }

    /** The numbers of the sessions that may write, by master: what an earlier session writes is refused. */
    private static List<Long> fences(Fixture fixture) {
        return MASTERS.stream()
                .map(master -> Long.valueOf(fixture.value(master, "SELECT fence FROM replicator.progress")))
                .toList();
    }

    /** Waits until a later session may write to each master, and each is read; until then this process must live. */
    private static void awaitFences(Fixture fixture, ReplicatorProcess process, List<Long> before) {
        await().atMost(LIMIT)
                .ignoreExceptions()
                .failFast(process::assertRunning)
                .until(() -> fences(fixture).get(0) > before.get(0)
                        && fences(fixture).get(1) > before.get(1)
                        && MASTERS.stream()
                                .allMatch(master -> fixture.value(master, """
                                SELECT count(*) FROM pg_replication_slots
                                WHERE database = current_database() AND active""").equals("1")));
    }

    private static void awaitTransactions(RandomWriter writer, int further) {
        int until = writer.committed() + further;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= until);
    }
}
