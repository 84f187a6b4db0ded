package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A master that receives from a publication of PostgreSQL's own logical replication as well. */
class NativeSubscriptionIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final String IDS = "SELECT id FROM hot ORDER BY id";

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void whatASubscriptionBringsTravelsOnWhereForeignOriginsAreForwarded(int version) {
        try (Fixture fixture = new Fixture()) {
            Daemon daemon = start(fixture, version, "forward");
            fixture.run(
                    "publisher", "INSERT INTO hot VALUES (1, 1, 'native')", "INSERT INTO hot VALUES (2, 1, 'native')");
            awaitIds(fixture, "m2", "1", "2");
            fixture.run("publisher", "UPDATE hot SET b = 'changed' WHERE id = 1", "DELETE FROM hot WHERE id = 2");
            fixture.run("m1", "INSERT INTO hot VALUES (3, 1, 'local')");
            awaitIds(fixture, "m2", "1", "3");
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, daemon::status);
            assertThat(fixture.value("m2", "SELECT b FROM hot WHERE id = 1")).isEqualTo("changed");
            daemon.kick(fixture.syncName("fed"), LIMIT);
            assertThat(fixture.query("publisher", IDS)).as("nothing comes back").containsExactly("1");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void whatASubscriptionBringsStaysWhereForeignOriginsAreIgnored(int version) {
        try (Fixture fixture = new Fixture()) {
            Daemon daemon = start(fixture, version, "ignore");
            fixture.run("publisher", "INSERT INTO hot VALUES (1, 1, 'native')");
            awaitIds(fixture, "m1", "1");
            fixture.run("m1", "INSERT INTO hot VALUES (2, 1, 'local')");
            fixture.run("m2", "INSERT INTO hot VALUES (3, 1, 'other')");
            awaitIds(fixture, "m2", "2", "3");
            awaitIds(fixture, "m1", "1", "2", "3");
            daemon.kick(fixture.syncName("fed"), LIMIT);
            assertThat(fixture.query("m2", IDS)).containsExactly("2", "3");
            // The first change that is made on the master itself takes the row along.
            fixture.run("m1", "UPDATE hot SET b = 'ours now' WHERE id = 1");
            awaitIds(fixture, "m2", "1", "2", "3");
            new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, daemon::status);
        }
    }

    private static Daemon start(Fixture fixture, int version, String foreignOrigins) {
        fixture.databases(
                List.of("publisher", "m1", "m2"),
                List.of(
                        fixture.own(Servers.builder(Servers.NEWEST).start()),
                        fixture.own(Servers.builder(version).start()),
                        Servers.of(version)),
                RandomWriter.TABLE);
        fixture.sync("fed", MASTERS, List.of(), "tables: [public.hot]", "foreign_origins: " + foreignOrigins)
                .grant();
        Server publisher = fixture.server("publisher");
        fixture.runAsSuperuser("publisher", "CREATE PUBLICATION pub FOR TABLE hot");
        fixture.runAsSuperuser(
                "m1",
                "CREATE SUBSCRIPTION sub CONNECTION 'host=%s port=%d dbname=%s user=postgres' PUBLICATION pub"
                        .formatted(publisher.hostForServers(), publisher.port(), fixture.databaseName("publisher")));
        await().atMost(LIMIT)
                .until(() -> fixture.query("m1", "SELECT srsubstate FROM pg_subscription_rel")
                        .equals(List.of("r")));
        return fixture.start();
    }

    private static void awaitIds(Fixture fixture, String database, String... ids) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(fixture.query(database, IDS)).containsExactly(ids));
    }
}
