package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MortalServer;
import dev.replicator.it.harness.Servers;
import dev.replicator.observe.SyncStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The configuration names another policy while changes that the old one decided are open: a master is away that lacks them.
 * The old one stays in force until that master has them.
 */
class PolicyChangeIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final String TABLES = "tables: [{ table: public.t, conflict: %s }]";

    @Test
    void anotherPolicyTakesEffectWhenAllThatTheOldOneDecidedHasReachedEveryMaster() {
        try (MortalServer second = new MortalServer(Servers.of(Servers.NEWEST, 1));
                MortalServer third = new MortalServer(Servers.of(Servers.NEWEST, 2));
                Fixture fixture = fixture(second, third, "{ source: m1 }")) {
            String sync = fixture.syncName("change");
            conflictWhileTheThirdIsAway(fixture, second, third, daemon -> {});

            fixture.sync("change", MASTERS, List.of(), TABLES.formatted("{ source: m2 }"));
            try (Daemon daemon = fixture.start()) {
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(status(daemon).waitReason())
                                .contains("the new conflict policy of public.t waits"));
                conflict(fixture, second, 2);
                awaitRows(fixture, List.of("m1", "m2"), "1 m1, 2 m1");

                third.start();
                daemon.kick(sync, LIMIT);
                awaitRows(fixture, MASTERS, "1 m1, 2 m1");
                await().atMost(LIMIT)
                        .untilAsserted(
                                () -> assertThat(status(daemon).waitReason()).isNull());
                conflict(fixture, second, 3);
                awaitRows(fixture, MASTERS, "1 m1, 2 m1, 3 m2");
                for (String master : MASTERS) {
                    assertThat(fixture.value(
                                    master, "SELECT definition FROM replicator.policy WHERE sync = '" + sync + "'"))
                            .isEqualTo("{\"policy\":\"source\",\"databases\":[\"m2\"]}");
                }
            }
        }
    }

    @Test
    void ofAnEditedScriptTheTextThatDecidedStaysInForceAndWhatItLeftOpenTheNewOneDecides() throws IOException {
        try (MortalServer second = new MortalServer(Servers.of(Servers.NEWEST, 1));
                MortalServer third = new MortalServer(Servers.of(Servers.NEWEST, 2));
                Fixture fixture = fixture(second, third, "{ script: rule.js }")) {
            String sync = fixture.syncName("change");
            script(fixture, "m1");
            conflictWhileTheThirdIsAway(fixture, second, third, daemon -> {
                // m1 makes no change of this row: the script says stop.
                third.start();
                daemon.kick(sync, LIMIT);
                daemon.pause(sync);
                fixture.run("m2", "UPDATE t SET v = 'm2' WHERE id = 2");
                fixture.run("m3", "UPDATE t SET v = 'm3' WHERE id = 2");
                daemon.resume(sync);
                await().atMost(LIMIT).until(() -> status(daemon).paused());
                assertThat(status(daemon).waitReason()).contains("cannot decide a conflict in table public.t");
            });

            script(fixture, "m2");
            try (Daemon daemon = fixture.start()) {
                daemon.resume(sync);
                daemon.kick(sync, LIMIT);
                awaitRows(fixture, MASTERS, "1 m1, 2 m2");
                await().atMost(LIMIT)
                        .untilAsserted(
                                () -> assertThat(status(daemon).waitReason()).isNull());
                conflict(fixture, second, 3);
                awaitRows(fixture, MASTERS, "1 m1, 2 m2, 3 m2");
            }
        }
    }

    private static Fixture fixture(MortalServer second, MortalServer third, String policy) {
        String[] table = {
            "CREATE TABLE t (id int PRIMARY KEY, v text)", "ALTER TABLE t REPLICA IDENTITY FULL",
        };
        return new Fixture()
                .database("m1", Servers.of(Servers.OLDEST, 1), table)
                .database("m2", second, table)
                .database("m3", third, table)
                .sync("change", MASTERS, List.of(), TABLES.formatted(policy))
                .grant();
    }

    /** Row 1 is decided, and the third does not have it. */
    private static void conflictWhileTheThirdIsAway(
            Fixture fixture, MortalServer second, MortalServer third, Consumer<Daemon> then) {
        String sync = fixture.syncName("change");
        try (Daemon daemon = fixture.start()) {
            fixture.run("m1", "INSERT INTO t SELECT g, '' FROM generate_series(1, 3) g");
            daemon.kick(sync, LIMIT);
            third.killHard();
            conflict(fixture, second, 1);
            awaitRows(fixture, List.of("m1", "m2"), "1 m1");
            then.accept(daemon);
        }
    }

    /** Two masters change a row, while neither can see the other. */
    private static void conflict(Fixture fixture, MortalServer second, int row) {
        second.killHard();
        fixture.runAsSuperuser("m1", "UPDATE t SET v = 'm1' WHERE id = " + row);
        fixture.runAsSuperuser("m2", "UPDATE t SET v = 'm2' WHERE id = " + row);
        second.start();
    }

    private static void awaitRows(Fixture fixture, List<String> masters, String rows) {
        String sql = "SELECT string_agg(id || ' ' || v, ', ' ORDER BY id) FROM t WHERE v <> ''";
        for (String master : masters) {
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(fixture.value(master, sql)).as(master).isEqualTo(rows));
        }
    }

    private static void script(Fixture fixture, String database) throws IOException {
        Files.writeString(fixture.file().resolveSibling("rule.js"), """
                function resolve(changes) {
                    const found = changes.filter(change => change.database === '%1$s');
                    return found.length > 0 ? found[0] : stop('nothing on %1$s');
                }
                """.formatted(database));
    }

    private static SyncStatus status(Daemon daemon) {
        return daemon.status().get(0);
    }
}
