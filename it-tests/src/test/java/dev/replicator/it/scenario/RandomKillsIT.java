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
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Minutes of load in which the program and the servers are killed at random; the system property {@code
 * replicator.it.seconds} says how long, {@code replicator.it.seed} repeats what was chosen.
 */
@Tag("full")
class RandomKillsIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("replicator.it.seconds", 180));
    private static final int FEWEST_KILLS = 5;
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final int MOST_TRANSACTIONS = 400;

    @Test
    void mastersEndEqualWhateverIsKilledAndWhen() {
        long seed = Long.getLong("replicator.it.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            MASTERS,
                            List.of(
                                    forgetful(fixture, Servers.OLDEST),
                                    forgetful(fixture, Servers.NEWEST),
                                    forgetful(fixture, Servers.NEWEST)),
                            RandomWriter.TABLE)
                    .sync("killed", MASTERS, List.of())
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            for (String master : MASTERS) {
                await().atMost(LIMIT)
                        .until(() -> fixture.value(master, "SELECT count(*) FROM pg_replication_slots WHERE active")
                                .equals("1"));
            }
            int kills = 0;
            long end = System.nanoTime() + LENGTH.toNanos();
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, seed)) {
                while (System.nanoTime() < end || kills < FEWEST_KILLS) {
                    awaitTransactions(writer, 1 + random.nextInt(MOST_TRANSACTIONS));
                    assertThat(process.isRunning()).as(process.log()).isTrue();
                    int victim = random.nextInt(MASTERS.size() + 2);
                    if (victim < MASTERS.size()) {
                        Server server = fixture.server(MASTERS.get(victim));
                        server.killHard();
                        awaitTransactions(writer, random.nextInt(MOST_TRANSACTIONS / 4));
                        server.start();
                    } else {
                        process.kill();
                        process = fixture.startProcess();
                    }
                    kills++;
                }
                System.out.println(kills + " kills, " + writer.committed() + " transactions");
            }
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, process::log);
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    private static Server forgetful(Fixture fixture, int version) {
        return fixture.own(Servers.builder(version)
                .durable(true)
                .setting("synchronous_commit", "off")
                .setting("wal_writer_delay", "1s")
                .start());
    }

    private static void awaitTransactions(RandomWriter writer, int further) {
        int until = writer.committed() + further;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= until);
    }
}
