package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Masters that are written to at random, all at once, hold the same rows in the end. */
class ConvergenceIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @ParameterizedTest
    @CsvSource({"2, 0, forward, 1", "2, 1, ignore, 2", "3, 2, forward, 3", "5, 0, ignore, 4"})
    void mastersOfMixedVersionsConvergeUnderRandomWrites(int masters, int targets, String foreignOrigins, long seed) {
        try (Fixture fixture = new Fixture()) {
            List<String> sources =
                    IntStream.rangeClosed(1, masters).mapToObj(i -> "m" + i).toList();
            List<String> receivers =
                    IntStream.rangeClosed(1, targets).mapToObj(i -> "t" + i).toList();
            fixture.databases(sources, Servers.ofAllVersions(), RandomWriter.TABLE)
                    .databases(receivers, List.of(Servers.of(Servers.NEWEST)), RandomWriter.TABLE)
                    .sync("hot", sources, receivers, "foreign_origins: " + foreignOrigins)
                    .grant();
            Daemon daemon = fixture.start();
            try (RandomWriter writer = new RandomWriter(fixture, sources, 2, seed)) {
                await().atMost(LIMIT).until(() -> writer.committed() > 1000);
            }
            new RowComparison(fixture, fixture.names(), "hot").awaitEqual(LIMIT, daemon::status);
            daemon.kick(fixture.syncName("hot"), LIMIT);
            assertThat(new RowComparison(fixture, fixture.names(), "hot").differences())
                    .isEmpty();
        }
    }
}
