package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A replicator that is killed with SIGKILL under load, and started again at once, loses nothing. */
class KilledProcessIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final int KILLS = 3;
    private static final int MOST_TRANSACTIONS = 800;
    private static final long SEED = 7;

    @Test
    void mastersConvergeAlthoughTheReplicatorIsKilledAgainAndAgain() {
        Random random = new Random(SEED);
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            MASTERS,
                            List.of(Servers.of(Servers.NEWEST, 1), Servers.of(Servers.NEWEST, 2)),
                            RandomWriter.TABLE)
                    .sync("killed", MASTERS, List.of())
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            List<String> readers = awaitReaders(fixture, process, List.of());
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, SEED)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitTransactions(writer, 1 + random.nextInt(MOST_TRANSACTIONS));
                    assertThat(process.isRunning()).as(process.log()).isTrue();
                    process.kill();
                    process = fixture.startProcess();
                    readers = awaitReaders(fixture, process, readers);
                }
                awaitTransactions(writer, MOST_TRANSACTIONS);
            }
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("m1", "SELECT count(*) > 0 FROM hot")).isEqualTo("t");
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    /** Waits until this process reads the logs of both masters; returns who serves it there. */
    private static List<String> awaitReaders(Fixture fixture, ReplicatorProcess process, List<String> before) {
        List<String> readers = new ArrayList<>();
        await().atMost(LIMIT).failFast(process::assertRunning).until(() -> {
            readers.clear();
            MASTERS.forEach(master -> readers.addAll(fixture.query(master, """
                    SELECT '%s/' || active_pid FROM pg_replication_slots
                    WHERE database = current_database() AND active""".formatted(master))));
            return readers.size() == MASTERS.size() && Collections.disjoint(readers, before);
        });
        return List.copyOf(readers);
    }

    private static void awaitTransactions(RandomWriter writer, int further) {
        int until = writer.committed() + further;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= until);
    }
}
