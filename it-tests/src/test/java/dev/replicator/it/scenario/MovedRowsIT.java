package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ReplicatorException;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows with large values that change their keys, without REPLICA IDENTITY FULL: the log has the values only at first. */
class MovedRowsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> ALL = List.of("source", "t1", "t2");
    private static final String LARGE =
            "(SELECT string_agg(md5(%s || ' ' || h || random()), '') FROM generate_series(1, 640) h)";

    @Test
    void largeValuesMoveWithTheirRowsThroughChainsAndSwapsAndWholeTables() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            ALL,
                            List.of(Servers.of(Servers.NEWEST), Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST)),
                            "CREATE TABLE act (play text, no int, title text, body text, PRIMARY KEY (no, play))")
                    .sync("acts", List.of("source"), List.of("t1", "t2"))
                    .grant();
            Daemon daemon = fixture.start();
            daemon.kick(fixture.syncName("acts"), LIMIT);
            fixture.run(
                    "source",
                    "INSERT INTO act SELECT 'hamlet', g, 'act ' || g, " + LARGE.formatted("g")
                            + " FROM generate_series(1, 9) g");
            // Nothing may be merged across a move, so first all in one batch, then as it comes.
            daemon.pause(fixture.syncName("acts"));
            move(fixture);
            daemon.resume(fixture.syncName("acts"));
            check(fixture, daemon);
            move(fixture);
            check(fixture, daemon);
            assertThat(fixture.query("t1", "SELECT DISTINCT length(body)::text FROM act"))
                    .containsExactlyInAnyOrder("20480", "5");
            assertThat(Integer.parseInt(fixture.value(
                            "t1",
                            "SELECT (pg_relation_size(reltoastrelid) / 1000)::text"
                                    + " FROM pg_class WHERE relname = 'act'")))
                    .isGreaterThan(100);
        }
    }

    @Test
    void withSeveralMastersTheRowsOwnWritesAgainWhatIsNotInTheLog() {
        List<String> masters = List.of("m1", "m2", "m3");
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            masters,
                            List.of(Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST)),
                            "CREATE TABLE act (no int PRIMARY KEY, title text, body text, other text)")
                    .sync("acts", masters, List.of())
                    .grant();
            Daemon daemon = fixture.start();
            fixture.run(
                    "m1",
                    "INSERT INTO act SELECT g, 'act ' || g, " + LARGE.formatted("g") + ", " + LARGE.formatted("g")
                            + " FROM generate_series(1, 9) g");
            RowComparison rows = new RowComparison(fixture, masters, "act");
            rows.awaitEqual(LIMIT, daemon::status);
            daemon.pause(fixture.syncName("acts"));
            fixture.run(
                    "m1",
                    "UPDATE act SET no = 101 WHERE no = 1",
                    "BEGIN",
                    "UPDATE act SET no = 102 WHERE no = 2",
                    "UPDATE act SET no = 202, other = 'short' WHERE no = 102",
                    "COMMIT",
                    "UPDATE act SET no = 0 WHERE no = 3",
                    "UPDATE act SET no = 3 WHERE no = 4",
                    "UPDATE act SET no = 4 WHERE no = 0",
                    "UPDATE act SET title = 'was 3' WHERE no = 4",
                    "UPDATE act SET no = 105 WHERE no = 5",
                    "UPDATE act SET no = 106 WHERE no = 6",
                    "UPDATE act SET no = 107 WHERE no = 7",
                    "DELETE FROM act WHERE no = 107");
            fixture.run("m2", "UPDATE act SET title = 'other' WHERE no = 5");
            fixture.run("m3", "INSERT INTO act VALUES (106, 'by m3', 'short')", "UPDATE act SET no = 108 WHERE no = 8");
            daemon.resume(fixture.syncName("acts"));
            daemon.kick(fixture.syncName("acts"), LIMIT);
            assertThat(rows.differences()).isEmpty();
            assertThat(fixture.value("m2", "SELECT count(*) FROM act WHERE no IN (101, 202, 3, 4, 105, 106, 108)"))
                    .isEqualTo("7");
            assertThat(fixture.query(
                            "m3",
                            "SELECT no || ' ' || title || ' ' || length(body) FROM act WHERE no <> 106 ORDER BY no"))
                    .contains(
                            "3 act 4 20480",
                            "4 was 3 20480",
                            "101 act 1 20480",
                            "105 act 5 20480",
                            "108 act 8 20480",
                            "202 act 2 20480")
                    .noneMatch(row -> row.startsWith("107 "));
            whatIsLockedIsNamed(fixture, daemon, rows);
        }
    }

    private static void whatIsLockedIsNamed(Fixture fixture, Daemon daemon, RowComparison rows) {
        String sync = fixture.syncName("acts");
        daemon.pause(sync);
        fixture.run("m1", "UPDATE act SET no = 109 WHERE no = 9");
        try (Connection application = fixture.connect("m1");
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("SELECT FROM act WHERE no = 109 FOR UPDATE");
            daemon.resume(sync);
            assertThatThrownBy(() -> daemon.kick(sync, Duration.ofSeconds(3)))
                    .isInstanceOfSatisfying(
                            ReplicatorException.class,
                            e -> assertThat(e.detail())
                                    .contains(
                                            "\"m1\" is not written: a row that has to be written again is locked by another transaction"));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        daemon.kick(sync, LIMIT);
        assertThat(rows.differences()).isEmpty();
    }

    private static void move(Fixture fixture) {
        fixture.run(
                "source",
                "BEGIN",
                "UPDATE act SET no = 102 WHERE no = 1",
                "UPDATE act SET title = title || '!' WHERE no = 102",
                "UPDATE act SET no = 103, play = 'king lear' WHERE no = 102",
                "COMMIT",
                "BEGIN",
                "UPDATE act SET no = 0 WHERE no = 2",
                "UPDATE act SET no = 2 WHERE no = 3",
                "UPDATE act SET title = 'was 3' WHERE no = 2",
                "UPDATE act SET no = 3 WHERE no = 0",
                "COMMIT",
                "UPDATE act SET no = 104 WHERE no = 4",
                "UPDATE act SET no = 4 WHERE no = 5",
                "UPDATE act SET no = 5, body = 'short' WHERE no = 104",
                "BEGIN",
                "UPDATE act SET no = 106 WHERE no = 6",
                "DELETE FROM act WHERE no = 106",
                "COMMIT",
                "INSERT INTO act SELECT 'new', 6, 'new', " + LARGE.formatted("1") + " ON CONFLICT DO NOTHING",
                "UPDATE act SET no = -no",
                "UPDATE act SET no = CASE WHEN no = -103 THEN 1 ELSE -no END");
    }

    private static void check(Fixture fixture, Daemon daemon) {
        daemon.kick(fixture.syncName("acts"), LIMIT);
        assertThat(new RowComparison(fixture, ALL, "act").differences()).isEmpty();
    }
}
