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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every version beside every other, and beside itself. */
@Tag("full")
class VersionPairsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");

    static Stream<Arguments> pairs() {
        return Servers.versions().stream()
                .flatMap(first -> Servers.versions().stream()
                        .filter(second -> second >= first)
                        .flatMap(second -> Stream.of("forward", "ignore")
                                .map(foreignOrigins -> Arguments.of(first, second, foreignOrigins))));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void twoMastersConverge(int first, int second, String foreignOrigins) {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(MASTERS, List.of(Servers.of(first, 1), Servers.of(second, 2)), RandomWriter.TABLE)
                    .sync("pair", MASTERS, List.of(), "foreign_origins: " + foreignOrigins)
                    .grant();
            Daemon daemon = fixture.start();
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 2, first * 100L + second)) {
                await().atMost(LIMIT).until(() -> writer.committed() > 500);
            }
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, daemon::status);
            daemon.kick(fixture.syncName("pair"), LIMIT);
            assertThat(new RowComparison(fixture, MASTERS, "hot").differences()).isEmpty();
        }
    }
}
