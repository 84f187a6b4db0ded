package dev.replicator.it.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ReplicatorException;
import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.contract.MySqlServer;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A MariaDB source: rows are copied, then its log is followed, through kills, changes of tables and a lost log. */
class MariaDbSourceIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long SEED = 4711;
    private static MySqlServer maria;

    @BeforeAll
    static void start() {
        maria = new MySqlServer(
                MySqlServer.Flavour.MARIADB,
                "--log-bin=bin --binlog-format=ROW --server-id=1 --expire-logs-days=7 --default-time-zone=+00:00");
    }

    @AfterAll
    static void stop() {
        maria.close();
    }

    private static String entry(Place shop) {
        return "{ url: \"" + shop.url() + "\", user: root }";
    }

    @Test
    void everyTypeArrivesByTheCopyAndByTheLog() {
        try (Fixture fixture = new Fixture()) {
            Place shop = maria.fresh();
            SourceTypes.create(maria, shop, MySqlServer.Flavour.MARIADB);
            fixture.other("shop", entry(shop))
                    .database("copy", Servers.of(Servers.NEWEST), SourceTypes.postgres(MySqlServer.Flavour.MARIADB))
                    .sync("types", List.of("shop"), List.of("copy"), "initial_copy: always")
                    .grant();
            SourceTypes.insert(maria, shop, MySqlServer.Flavour.MARIADB, 0);
            assertThat(fixture.command("check").out()).contains("It can run.");
            try (Daemon daemon = fixture.start()) {
                await().atMost(LIMIT)
                        .until(() -> fixture.value("copy", "SELECT count(*) FROM \"All Types\"")
                                .equals("3"));
                SourceTypes.insert(maria, shop, MySqlServer.Flavour.MARIADB, 10);
                daemon.kick(fixture.syncName("types"), LIMIT);
            }
            SourceTypes.verify(fixture, MySqlServer.Flavour.MARIADB, 0);
            SourceTypes.verify(fixture, MySqlServer.Flavour.MARIADB, 10);
        }
    }

    @Test
    void nothingIsLostOrAppliedTwiceWhenProgramAndServerAreKilled() throws Exception {
        Path phone = Files.createTempFile("replicator-", ".sqlite");
        try (Fixture fixture = new Fixture()) {
            Place shop = maria.fresh();
            maria.execute(shop, "CREATE TABLE work (a INT, `B b` VARCHAR(20), n BIGINT, PRIMARY KEY (a, `B b`))");
            maria.execute(shop, "INSERT INTO work SELECT seq, 'x', seq FROM seq_1_to_20000");
            fixture.other("shop", entry(shop))
                    .other("phone", "{ url: \"sqlite:" + phone + "\", options: { create_tables: true } }")
                    .database(
                            "copy",
                            Servers.of(Servers.OLDEST),
                            "CREATE TABLE work (a int, \"B b\" text, n bigint, PRIMARY KEY (a, \"B b\"))",
                            "INSERT INTO work VALUES (-1, 'was there before', 0)",
                            "CREATE TABLE written (a int, \"B b\" text)",
                            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
                                    + " INSERT INTO public.written VALUES (new.a, new.\"B b\"); RETURN new; END $$",
                            "CREATE TRIGGER note AFTER INSERT ON work FOR EACH ROW WHEN (new.a > 100000)"
                                    + " EXECUTE FUNCTION note()",
                            "ALTER TABLE work ENABLE ALWAYS TRIGGER note")
                    .sync("killed", List.of("shop"), List.of("copy", "phone"), "initial_copy: always", "tables: [work]")
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            // Until something that follows it has been applied, an interrupted copy begins anew.
            awaitApplied(fixture, process);
            maria.execute(shop, "UPDATE work SET n = -7 WHERE a = 7");
            awaitApplied(fixture, process);
            assertThat(fixture.value("copy", "SELECT n FROM work WHERE a = 7")).isEqualTo("-7");
            Random random = new Random(SEED);
            for (int round = 0; round < 4; round++) {
                awaitApplied(fixture, process);
                int kill = round * 40 + random.nextInt(40);
                for (int i = round * 40; i < round * 40 + 40; i++) {
                    int key = random.nextInt(20_000);
                    maria.execute(
                            shop,
                            "INSERT INTO work VALUES (" + (100_001 + i) + ", 'new', 0), (" + (200_001 + i)
                                    + ", 'new', 0)");
                    maria.execute(shop, "UPDATE work SET n = n + 1 WHERE a BETWEEN " + key + " AND " + (key + 30));
                    maria.execute(shop, "DELETE FROM work WHERE a = " + random.nextInt(20_000));
                    maria.execute(shop, "UPDATE work SET `B b` = 'moved' WHERE a = " + random.nextInt(20_000));
                    if (i == kill && round == 2) {
                        maria.kill();
                        maria.restart();
                    } else if (i == kill) {
                        process.kill();
                        process = fixture.startProcess();
                    }
                }
            }
            ReplicatorProcess last = process;
            awaitApplied(fixture, last);
            List<String> expected = maria.rows(shop, new TableName("public", "work"), List.of("a", "B b", "n")).stream()
                    .map(row -> row.get("a") + " " + row.get("B b") + " " + row.get("n"))
                    .sorted()
                    .toList();
            assertThat(fixture.query("copy", "SELECT a || ' ' || \"B b\" || ' ' || n FROM work").stream()
                            .sorted())
                    .as(last.log())
                    .isEqualTo(expected);
            // The trigger has seen each new row once, whatever was killed.
            assertThat(fixture.value("copy", "SELECT count(*) FROM written")).isEqualTo("320");
            try (java.sql.Connection lite = java.sql.DriverManager.getConnection("jdbc:sqlite:" + phone);
                    java.sql.ResultSet rows =
                            lite.createStatement().executeQuery("SELECT a || ' ' || \"B b\" || ' ' || n FROM work")) {
                List<String> there = new java.util.ArrayList<>();
                while (rows.next()) {
                    there.add(rows.getString(1));
                }
                assertThat(there.stream().sorted()).isEqualTo(expected);
            }
            assertThat(last.terminate()).isZero();
        } finally {
            Files.deleteIfExists(phone);
        }
    }

    private static void awaitApplied(Fixture fixture, ReplicatorProcess process) {
        await().atMost(LIMIT).failFast(process::assertRunning).untilAsserted(() -> {
            ReplicatorProcess.Ended kick = fixture.command("kick", fixture.syncName("killed"), "--timeout", "10s");
            assertThat(kick.code()).as(kick.err() + process.log()).isZero();
        });
    }

    @Test
    void tablesChangeAndALostLogIsNamedWithTheWayOut() {
        try (Fixture fixture = new Fixture()) {
            Place shop = maria.fresh();
            maria.execute(shop, "CREATE TABLE work (id INT PRIMARY KEY, v VARCHAR(50), w VARCHAR(50))");
            maria.execute(shop, "CREATE TABLE no_key (v INT)");
            maria.execute(shop, "INSERT INTO work VALUES (1, 'not', 'copied')");
            fixture.other("shop", entry(shop))
                    .database(
                            "copy",
                            Servers.of(Servers.NEWEST),
                            "CREATE TABLE work (id int PRIMARY KEY, v text, w text)")
                    .sync("changed", List.of("shop"), List.of("copy"))
                    .grant();
            String sync = fixture.syncName("changed");
            try (Daemon daemon = fixture.start()) {
                daemon.kick(sync, LIMIT);
                maria.execute(shop, "INSERT INTO work VALUES (2, 'v', 'w')");
                daemon.kick(sync, LIMIT);
            }
            // Of what comes now the log tells columns by number only, and there are two structures.
            maria.execute(shop, "INSERT INTO work VALUES (3, 'v', 'w')");
            maria.execute(shop, "ALTER TABLE work MODIFY w VARCHAR(50) AFTER id");
            maria.execute(shop, "INSERT INTO work (id, v, w) VALUES (4, 'v', 'w')");
            try (Daemon daemon = fixture.start()) {
                daemon.kick(sync, LIMIT);
                assertThat(fixture.query("copy", "SELECT id || v || w FROM work ORDER BY id"))
                        .containsExactly("2vw", "3vw", "4vw");
                maria.execute(shop, "ALTER TABLE work ADD COLUMN more INT");
                maria.execute(shop, "INSERT INTO work (id, v, w, more) VALUES (5, 'v', 'w', 7)");
                await().atMost(LIMIT)
                        .untilAsserted(
                                () -> assertThat(daemon.status().toString()).contains("more"));
                fixture.run("copy", "ALTER TABLE work ADD COLUMN more int");
                daemon.kick(sync, LIMIT);
                maria.execute(shop, "TRUNCATE TABLE work");
                daemon.kick(sync, LIMIT);
                assertThat(fixture.value("copy", "SELECT count(*) FROM work")).isEqualTo("0");
                maria.execute(shop, "INSERT INTO work VALUES (6, 'w', 'v', NULL)");
                daemon.kick(sync, LIMIT);
                assertThat(fixture.query("copy", "SELECT id || v || w FROM work"))
                        .containsExactly("6vw");
            }
            maria.execute(shop, "FLUSH LOGS");
            maria.execute(shop, "INSERT INTO work VALUES (7, 'w', 'v', NULL)");
            maria.execute(shop, "FLUSH LOGS");
            purge(shop);
            try (Daemon daemon = fixture.start()) {
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(daemon.status().toString())
                                .contains(
                                        "the server has removed the part of its binary log that comes next",
                                        "replicator remove"));
            }
        }
    }

    private static void purge(Place shop) {
        maria.execute(shop, "PURGE BINARY LOGS BEFORE DATE_ADD(NOW(), INTERVAL 1 HOUR)");
    }

    @Test
    void whatIsWrongWithTheServerIsSaidWithTheStatementThatMendsIt() {
        try (Fixture fixture = new Fixture()) {
            Place shop = maria.fresh();
            maria.execute(shop, "CREATE TABLE work (id INT PRIMARY KEY)");
            maria.execute(shop, "CREATE USER 'reader'@'%' IDENTIFIED BY 'secret'");
            maria.execute(shop, "GRANT SELECT ON *.* TO 'reader'@'%'");
            maria.execute(shop, "SET GLOBAL binlog_row_image = 'MINIMAL'");
            try {
                fixture.other("shop", "{ url: \"" + shop.url() + "\", user: reader, password: secret }")
                        .database("copy", Servers.of(Servers.NEWEST), "CREATE TABLE work (id int PRIMARY KEY)")
                        .sync("bad", List.of("shop"), List.of("copy"))
                        .grant();
                ReplicatorProcess.Ended check = fixture.command("check");
                assertThat(check.code()).isNotZero();
                assertThat(check.out())
                        .contains(
                                "binlog_row_image is MINIMAL",
                                "SET GLOBAL binlog_row_image = 'FULL';",
                                "GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO 'reader'@'%';");
                assertThat(fixture.command("slot", "create", fixture.syncName("bad"))
                                .err())
                        .contains("has no replication slot");
            } finally {
                maria.execute(shop, "SET GLOBAL binlog_row_image = 'FULL'");
            }
        }
    }

    @Test
    void whatSuchASourceCannotBeUsedForIsRefusedWithItsLine(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("sync.yaml"), """
                databases:
                  shop: mariadb://h/shop
                  a: postgresql://h/a
                  b: postgresql://h/b
                syncs:
                  several:
                    sources: [shop, a]
                    initial_copy: never
                  unsaid:
                    sources: [shop]
                    targets: [b]
                  more:
                    sources: [shop]
                    targets: [b]
                    initial_copy: always
                    sequences: all
                    fullcopy: [a]
                """);

        assertThatThrownBy(() -> ConfigurationReader.read(file, Environment.ofProcess()))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        e -> assertThat(e.formatted())
                                .contains(
                                        "sync.yaml:7:14",
                                        "has to be the only source of a sync",
                                        "say whether its rows are copied; write initial_copy: always",
                                        "sequences of sync \"more\" is about PostgreSQL databases",
                                        "fullcopy of sync \"more\" is about PostgreSQL databases"));
    }

    @Test
    void aSecondProcessStandsByAndTakesOver() {
        try (Fixture fixture = new Fixture()) {
            Place shop = maria.fresh();
            maria.execute(shop, "CREATE TABLE work (id INT PRIMARY KEY)");
            fixture.other("shop", entry(shop))
                    .database("copy", Servers.of(Servers.NEWEST), "CREATE TABLE work (id int PRIMARY KEY)")
                    .sync("two", List.of("shop"), List.of("copy"))
                    .grant();
            ReplicatorProcess first = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(first::assertRunning)
                    .until(() -> first.log().contains("shop reading streaming"));
            ReplicatorProcess second = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(second::assertRunning)
                    .until(() -> second.log().contains("is held by connection"));
            maria.execute(shop, "INSERT INTO work VALUES (1)");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.query("copy", "SELECT id FROM work"))
                            .containsExactly("1"));
            assertThat(first.log()).doesNotContain("took over");
            // What is compressed would be passed over in silence.
            maria.execute(shop, "SET GLOBAL log_bin_compress = ON");
            try {
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(first.log())
                                .contains("log_bin_compress is ON", "SET GLOBAL log_bin_compress = OFF;"));
            } finally {
                maria.execute(shop, "SET GLOBAL log_bin_compress = OFF");
            }
            first.kill();
            maria.execute(shop, "INSERT INTO work VALUES (2)");
            await().atMost(LIMIT)
                    .failFast(second::assertRunning)
                    .untilAsserted(() -> assertThat(fixture.query("copy", "SELECT id FROM work ORDER BY id"))
                            .containsExactly("1", "2"));
        }
    }
}
