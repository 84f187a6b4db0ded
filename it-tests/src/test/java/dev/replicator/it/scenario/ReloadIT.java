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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The configuration file is edited, and the running process takes it. */
class ReloadIT {
    private static final Duration LIMIT = Duration.ofSeconds(180);
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final List<String> ALL = List.of("m1", "m2", "m3");
    private static final String MORE = "CREATE TABLE more (id int PRIMARY KEY, v text)";
    private static final String SIDE = "CREATE TABLE side (id int PRIMARY KEY, v text)";

    private static List<Server> servers() {
        return List.of(Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST));
    }

    private static void awaitTransactions(RandomWriter writer, int further) {
        int until = writer.committed() + further;
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= until);
    }

    private static String readerOf(Fixture fixture, String database, String sync) {
        return fixture.value(
                database,
                "SELECT coalesce(max(active_pid), 0) FROM pg_replication_slots WHERE database = current_database()"
                        + " AND slot_name LIKE 'replicator_" + fixture.syncName(sync) + "%'");
    }

    private static String reloaded(Fixture fixture, String... words) {
        ReplicatorProcess.Ended ended = fixture.command(words);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    @Test
    void whatHasChangedIsTakenUnderLoadAndTheRestIsNotTouched() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            MASTERS,
                            servers(),
                            RandomWriter.TABLE,
                            "ALTER TABLE hot REPLICA IDENTITY FULL",
                            MORE,
                            "ALTER TABLE more REPLICA IDENTITY FULL",
                            SIDE)
                    .database("t", Servers.of(Servers.NEWEST), SIDE)
                    .sync("masters", MASTERS, List.of(), "tables: [public.hot]")
                    .sync("side", List.of("m1"), List.of("t"), "tables: [public.side]")
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> !readerOf(fixture, "m1", "side").equals("0")
                            && !readerOf(fixture, "m2", "masters").equals("0"));
            String untouched = readerOf(fixture, "m1", "side");
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, 11)) {
                awaitTransactions(writer, 100);
                fixture.sync("masters", MASTERS, List.of(), "tables: [public.hot, public.more]", "conflict: first")
                        .grant();
                String would = reloaded(fixture, "reload", "--dry-run");
                assertThat(would)
                        .contains("sync \"" + fixture.syncName("masters") + "\": changed")
                        .contains("tables: public.more is new")
                        .contains("conflict: first, was not set")
                        .contains("sync \"" + fixture.syncName("side") + "\": unchanged")
                        .contains("nothing is changed yet");
                assertThat(reloaded(fixture, "reload")).contains("done");
                awaitTransactions(writer, 100);
                fixture.run("m1", "INSERT INTO more VALUES (1, 'of m1')");
                fixture.run("m2", "INSERT INTO more VALUES (2, 'of m2')");
                awaitTransactions(writer, 100);
                assertThat(readerOf(fixture, "m1", "side")).isEqualTo(untouched);

                fixture.sync("masters", MASTERS, List.of(), "tables: [public.hot, public.more]", "conflict: latest")
                        .file();
                process.hangUp();
                await().atMost(LIMIT).until(() -> process.log().contains("conflict: latest, was first"));
                process.kill();
                awaitTransactions(writer, 100);
            }
            ReplicatorProcess second = fixture.startProcess();
            new RowComparison(fixture, MASTERS, "hot", "more").awaitEqual(LIMIT, second::log);
            assertThat(fixture.value("m1", "SELECT count(*) FROM more")).isEqualTo("2");
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    @Test
    void otherSyncsGoOnAndANewOneBeginsAndOneThatIsGoneEnds() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.NEWEST), SIDE)
                    .database("t", Servers.of(Servers.OLDEST), SIDE)
                    .database("u", Servers.of(Servers.NEWEST), SIDE, MORE)
                    .sync("all", List.of("s"), List.of("t"), "initial_copy: if_empty")
                    .grant();
            fixture.run("s", "INSERT INTO side SELECT g, 'v' || g FROM generate_series(1, 1000) g");
            ReplicatorProcess process = fixture.startProcess();
            RowComparison side = new RowComparison(fixture, List.of("s", "t"), "side");
            side.awaitEqual(LIMIT, process::log);
            assertThat(reloaded(fixture, "reload")).contains("nothing has changed");

            // A table that has come since is taken with its rows, while it is written.
            for (String database : List.of("s", "t")) {
                fixture.run(database, MORE);
            }
            fixture.run("s", "INSERT INTO more SELECT g, 'v' || g FROM generate_series(1, 20000) g");
            fixture.run("s", "UPDATE more SET v = 'before' WHERE id <= 10");
            assertThat(reloaded(fixture, "reload")).contains("table public.more is new");
            fixture.run(
                    "s", "UPDATE more SET v = 'after' WHERE id BETWEEN 5 AND 15", "DELETE FROM more WHERE id > 19000");
            new RowComparison(fixture, List.of("s", "t"), "side", "more").awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("t", "SELECT count(*) FROM more")).isEqualTo("19000");

            // Another sync begins beside it.
            await().atMost(LIMIT).until(() -> !readerOf(fixture, "s", "all").equals("0"));
            String reader = readerOf(fixture, "s", "all");
            fixture.sync("second", List.of("s"), List.of("u"), "tables: [public.side]", "initial_copy: if_empty")
                    .grant();
            assertThat(reloaded(fixture, "reload")).contains("sync \"" + fixture.syncName("second") + "\": new");
            new RowComparison(fixture, List.of("s", "u"), "side").awaitEqual(LIMIT, process::log);
            assertThat(readerOf(fixture, "s", "all")).isEqualTo(reader);

            // What is wrong changes nothing.
            fixture.further("nonsense: true");
            ReplicatorProcess.Ended wrong = fixture.command("reload");
            assertThat(wrong.code()).isEqualTo(3);
            assertThat(wrong.err()).contains("unknown key \"nonsense\"");
            fixture.further("");

            fixture.withoutSync("all");
            assertThat(reloaded(fixture, "reload"))
                    .contains("sync \"" + fixture.syncName("all") + "\": no longer in the file")
                    .contains("SELECT pg_drop_replication_slot('replicator_" + fixture.syncName("all") + "_s_");
            await().atMost(LIMIT).until(() -> readerOf(fixture, "s", "all").equals("0"));
            fixture.run("s", "INSERT INTO side VALUES (5000, 'last')");
            new RowComparison(fixture, List.of("s", "u"), "side").awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("t", "SELECT count(*) FROM side")).isEqualTo("1000");

            // One that runs is taken off its databases, and does not come back by itself.
            assertThat(reloaded(fixture, "remove", fixture.syncName("second"), "--yes"))
                    .contains("has let it go")
                    .doesNotContain("still there");
            assertThat(reloaded(fixture, "reload")).contains("nothing has changed");
            assertThat(fixture.command("status").out()).contains("taken off its databases");
            assertThat(fixture.value("s", """
                    SELECT count(*) FROM pg_replication_slots WHERE database = current_database()
                    """)).isEqualTo("1");
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    @Tag("full")
    @Test
    void aMasterWithEqualRowsJoinsAndAnotherLeaves() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(ALL, servers(), RandomWriter.TABLE)
                    .sync("joined", MASTERS, List.of())
                    .grant();
            for (String master : ALL) {
                fixture.run(master, "INSERT INTO hot SELECT g, 0, 'same' FROM generate_series(1, 50) g");
            }
            ReplicatorProcess process = fixture.startProcess();
            RowComparison two = new RowComparison(fixture, MASTERS, "hot");
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> !readerOf(fixture, "m1", "joined").equals("0"));
            fixture.run("m1", "UPDATE hot SET b = 'changed' WHERE id = 1");
            fixture.run("m2", "UPDATE hot SET b = 'changed' WHERE id = 2");
            fixture.run("m3", "UPDATE hot SET b = 'changed' WHERE id IN (1, 2)");
            two.awaitEqual(LIMIT, process::log);
            fixture.sync("joined", ALL, List.of()).grant();
            assertThat(reloaded(fixture, "reload")).contains("sources: m3 is new");
            RowComparison three = new RowComparison(fixture, ALL, "hot");
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> !readerOf(fixture, "m3", "joined").equals("0"));
            try (RandomWriter writer = new RandomWriter(fixture, ALL, 1, 13)) {
                awaitTransactions(writer, 300);
            }
            three.awaitEqual(LIMIT, process::log);
            fixture.sync("joined", List.of("m2", "m3"), List.of());
            assertThat(reloaded(fixture, "reload"))
                    .contains("sources: m1 is left out")
                    .contains("on m1 remains slot");
            try (RandomWriter writer = new RandomWriter(fixture, List.of("m2", "m3"), 1, 17)) {
                awaitTransactions(writer, 300);
            }
            new RowComparison(fixture, List.of("m2", "m3"), "hot").awaitEqual(LIMIT, process::log);
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }
}
