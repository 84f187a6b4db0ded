package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ReplicatorException;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import dev.replicator.observe.FullCopyStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables that are emptied and copied whole: readers see the old rows or the new, and nothing else. */
class FullCopyIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String NO_KEY = "CREATE TABLE \"No 'key\" (\"A b\" int, t text, n numeric, b bytea)";
    private static final String WORK = "CREATE TABLE work (id int PRIMARY KEY, title text NOT NULL, secret text)";
    private static final String UNLOGGED = "CREATE UNLOGGED TABLE hot (id int GENERATED ALWAYS AS IDENTITY, v text)";

    private static FullCopyStatus status(Daemon daemon) {
        return daemon.status().get(0).fullCopies().get(0);
    }

    private static List<String> all(Fixture fixture, String database, String table, String columns) {
        return fixture.query(database, "SELECT ROW(" + columns + ")::text FROM " + table + " ORDER BY 1");
    }

    @Test
    void tablesWithAndWithoutKeysAreReplacedWhileReadersSeeTheOldRows() throws SQLException {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.OLDEST), NO_KEY, WORK, UNLOGGED)
                    .database(
                            "w",
                            Servers.of(Servers.NEWEST),
                            NO_KEY,
                            UNLOGGED,
                            "CREATE SCHEMA archive",
                            "CREATE TABLE archive.works (nr int PRIMARY KEY, title text, note text DEFAULT 'copied')",
                            "CREATE TABLE refers (nr int REFERENCES archive.works)")
                    .sync("whole", List.of("s"), List.of(), "fullcopy: [w]", """
                            tables: ['No ''key', hot, { table: work, as: archive.works, where: "id != 3",
                                     columns: { exclude: [secret], rename: { id: nr } } }]""")
                    .grant();
            fixture.run(
                    "s",
                    "INSERT INTO \"No 'key\" SELECT g / 2, E'a\\tb\\\\n\\nü' || g, g / 7.0, '\\x00ff' FROM"
                            + " generate_series(1, 1000) g",
                    "INSERT INTO work SELECT g, 'Work ' || g, 'x' FROM generate_series(1, 5) g",
                    "INSERT INTO hot (v) VALUES ('one'), (NULL)");
            fixture.run(
                    "w",
                    "INSERT INTO \"No 'key\" VALUES (1, 'old')",
                    "INSERT INTO archive.works VALUES (1, 'old'), (9, 'old')",
                    "INSERT INTO refers VALUES (1), (9)");
            String sync = fixture.syncName("whole");
            try (Daemon daemon = fixture.start();
                    Connection reader = fixture.connect("w");
                    Statement reading = reader.createStatement()) {
                assertThat(status(daemon).finished()).isNull();
                reader.setAutoCommit(false);
                reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
                assertThat(count(reading)).isEqualTo(2);

                daemon.copyWhole(sync, LIMIT);

                assertThat(count(reading)).isEqualTo(2);
                reader.commit();
                assertThat(all(fixture, "w", "\"No 'key\"", "\"A b\", t, n, b"))
                        .isEqualTo(all(fixture, "s", "\"No 'key\"", "\"A b\", t, n, b"))
                        .hasSize(1000);
                assertThat(all(fixture, "w", "archive.works", "nr, title, note"))
                        .containsExactly(
                                "(1,\"Work 1\",copied)",
                                "(2,\"Work 2\",copied)",
                                "(4,\"Work 4\",copied)",
                                "(5,\"Work 5\",copied)");
                assertThat(all(fixture, "w", "hot", "id, v")).isEqualTo(all(fixture, "s", "hot", "id, v"));
                assertThat(status(daemon).rows()).isEqualTo(1006);
                assertThat(status(daemon).source()).isEqualTo("s");

                fixture.run("s", "DELETE FROM work WHERE id < 5", "TRUNCATE \"No 'key\"");
                daemon.copyWhole(sync, LIMIT);
                assertThat(all(fixture, "w", "archive.works", "nr")).containsExactly("(5)");
                assertThat(fixture.value("w", "SELECT count(*) FROM \"No 'key\""))
                        .isEqualTo("0");
            }
            // No log is read for it.
            assertThat(fixture.query("s", "SELECT 1 FROM pg_replication_slots WHERE database = current_database()"))
                    .isEmpty();
            assertThat(fixture.command("remove", sync, "--yes").out())
                    .contains("w:", "removed what sync \"" + sync + "\" stored in schema \"replicator\"");
            assertThat(fixture.value("w", "SELECT to_regnamespace('replicator') IS NULL"))
                    .isEqualTo("t");
        }
    }

    private static int count(Statement reading) throws SQLException {
        try (ResultSet row = reading.executeQuery("SELECT count(*) FROM archive.works")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void whatCannotBeCopiedIsNamedAndChangesNothingAndPausesHold() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.NEWEST), WORK)
                    .database("w", Servers.of(Servers.NEWEST), WORK)
                    .sync("whole", List.of("s"), List.of(), "fullcopy: { databases: [w], method: truncate, every: 1s }")
                    .grant();
            String sync = fixture.syncName("whole");
            fixture.run("s", "INSERT INTO work VALUES (1, 'one'), (2, 'two')");
            fixture.run("w", "INSERT INTO work VALUES (7, 'old')", "ALTER TABLE work ADD CHECK (id <> 2)");
            try (Daemon daemon = fixture.start()) {
                assertThatThrownBy(() -> daemon.copyWhole(sync, LIMIT))
                        .hasMessageContaining("cannot copy table public.work whole to database \"w\"");
                assertThat(status(daemon).isHealthy()).isFalse();
                assertThat(all(fixture, "w", "work", "id")).containsExactly("(7)");

                fixture.run(
                        "w",
                        "ALTER TABLE work DROP CONSTRAINT work_id_check",
                        "CREATE TABLE outside (id int REFERENCES work)");
                assertThatThrownBy(() -> daemon.copyWhole(sync, LIMIT))
                        .isInstanceOfSatisfying(
                                ReplicatorException.class,
                                e -> assertThat(e.formatted())
                                        .contains("cannot truncate tables of database \"w\"", "method: delete"));
                fixture.run("w", "DROP TABLE outside");
                // By itself, and then again and again.
                await().atMost(LIMIT)
                        .untilAsserted(() ->
                                assertThat(all(fixture, "w", "work", "id")).containsExactly("(1)", "(2)"));
                daemon.pause(sync);
                assertThatThrownBy(() -> daemon.copyWhole(sync, LIMIT))
                        .isInstanceOfSatisfying(
                                ReplicatorException.class,
                                e -> assertThat(e.formatted())
                                        .contains("is paused", "Run \"replicator resume\" first."));
                fixture.run("w", "DELETE FROM work");
                fixture.run("s", "INSERT INTO work VALUES (3, 'three')");
            }
            try (Daemon daemon = fixture.start()) {
                assertThat(daemon.status().get(0).paused()).isTrue();
                daemon.resume(sync);
                await().atMost(LIMIT)
                        .untilAsserted(() ->
                                assertThat(all(fixture, "w", "work", "id")).containsExactly("(1)", "(2)", "(3)"));
            }
        }
    }

    @Test
    void aCopyWhoseProcessIsKilledIsMadeUpForByTheNextOne() throws SQLException {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.NEWEST), WORK)
                    .database("t", Servers.of(Servers.OLDEST), WORK)
                    .database("w", Servers.of(Servers.NEWEST), WORK)
                    .sync("both", List.of("s"), List.of("t"), "fullcopy: [w]")
                    .grant();
            fixture.run("s", "INSERT INTO work SELECT g, 'x' FROM generate_series(1, 1000) g");
            fixture.run("w", "INSERT INTO work VALUES (-1, 'old')");
            ReplicatorProcess killed = fixture.startProcess();
            try (Connection blocker = fixture.connect("w");
                    Statement blocking = blocker.createStatement()) {
                blocker.setAutoCommit(false);
                blocking.execute("LOCK TABLE work IN SHARE UPDATE EXCLUSIVE MODE");
                await().atMost(LIMIT)
                        .failFast(killed::assertRunning)
                        .until(() -> killed.log().contains("1 table of s, one way"));
                ReplicatorProcess kick = fixture.process(
                        "kick",
                        fixture.syncName("both"),
                        "--config",
                        fixture.file().toString());
                await().atMost(LIMIT)
                        .until(() -> fixture.query(
                                                "w",
                                                "SELECT 1 FROM pg_locks WHERE NOT granted AND relation ="
                                                        + " 'work'::regclass")
                                        .size()
                                == 1);
                assertThat(fixture.query("w", "SELECT id FROM work")).containsExactly("-1");
                killed.kill();
                assertThat(kick.await()).isNotZero();
            }
            assertThat(fixture.query("w", "SELECT id FROM work")).containsExactly("-1");
            ReplicatorProcess next = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(next::assertRunning)
                    .untilAsserted(() -> assertThat(fixture.value("w", "SELECT count(*) FROM work"))
                            .isEqualTo("1000"));
            fixture.run("s", "INSERT INTO work VALUES (0, 'later')");
            ReplicatorProcess.Ended kick = fixture.command("kick", fixture.syncName("both"));
            assertThat(kick.out())
                    .contains(
                            "everything committed before is applied everywhere",
                            "w: 1,001 rows are copied whole from s");
            assertThat(fixture.query("t", "SELECT title FROM work")).containsExactly("later");
            assertThat(fixture.command("status").out()).contains("w: 1,001 rows were copied whole from s");
            assertThat(next.terminate()).as(next.log()).isZero();
        }
    }
}
