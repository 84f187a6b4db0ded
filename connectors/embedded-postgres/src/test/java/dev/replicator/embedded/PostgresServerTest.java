package dev.replicator.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PostgresServerTest {

    static List<Integer> versions() {
        List<Integer> versions = PostgresBinaries.availableVersions();
        assertThat(versions).contains(14, 18);
        return versions;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void startsForLogicalReplicationAndLeavesNothingBehind(int version) throws SQLException {
        Path data;
        try (PostgresServer server = PostgresServer.builder().version(version).start()) {
            data = server.dataDirectory();
            server.createDatabase("Shake \"1\"");
            assertThat(value(server, "postgres", "SHOW server_version")).startsWith(version + ".");
            assertThat(value(server, "postgres", "SHOW wal_level")).isEqualTo("logical");
            assertThat(value(server, "postgres", "SHOW fsync")).isEqualTo("off");
            assertThat(value(server, "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'Shake \"1\"'"))
                    .isEqualTo("1");
        }
        assertThat(data.getParent()).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void hardKillLosesUnflushedCommitsAndKeepsFlushedOnes(int version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder()
                .version(version)
                .durable(true)
                .setting("wal_writer_delay", "10s")
                .start()) {
            server.execute("postgres", "CREATE TABLE t (id int PRIMARY KEY)");
            server.execute("postgres", "INSERT INTO t VALUES (1)");
            server.execute("postgres", "SET synchronous_commit = off; INSERT INTO t VALUES (2)");
            server.killHard();
            assertThat(server.isRunning()).isFalse();
            server.start();
            assertThat(value(server, "postgres", "SELECT string_agg(id::text, ',') FROM t"))
                    .isEqualTo("1");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyServerIsAClusterOfItsOwn(int version) throws SQLException {
        String query = "SELECT system_identifier FROM pg_control_system()";
        try (PostgresServer one = PostgresServer.builder().version(version).start();
                PostgresServer other = PostgresServer.builder().version(version).start()) {
            String identifier = value(one, "postgres", query);
            assertThat(identifier).isNotEqualTo(value(other, "postgres", query));
            one.restart();
            assertThat(value(one, "postgres", query)).isEqualTo(identifier);
        }
    }

    @Test
    void frozenServerAnswersNothingUntilUnfrozen() throws SQLException {
        try (PostgresServer server = PostgresServer.builder().start()) {
            server.freeze();
            assertThatThrownBy(() -> DriverManager.getConnection(
                            server.jdbcUrl("postgres") + "&loginTimeout=1&connectTimeout=1&socketTimeout=1"))
                    .isInstanceOf(SQLException.class);
            server.unfreeze();
            assertThat(value(server, "postgres", "SELECT 1")).isEqualTo("1");
            server.freeze();
        }
    }

    @Test
    void restartKeepsPortAndData() throws SQLException {
        try (PostgresServer server = PostgresServer.builder().start()) {
            int port = server.port();
            server.execute("postgres", "CREATE TABLE t AS SELECT 7 AS id");
            server.execute("postgres", "ALTER SYSTEM SET max_replication_slots = 3");
            server.restart();
            assertThat(server.port()).isEqualTo(port);
            assertThat(value(server, "postgres", "SELECT id FROM t")).isEqualTo("7");
            assertThat(value(server, "postgres", "SHOW max_replication_slots")).isEqualTo("3");
        }
    }

    @Test
    void givenDataDirectoryIsKeptAndUsedAgain(@TempDir Path directory) throws SQLException {
        Path data = directory.resolve("data");
        try (PostgresServer server =
                PostgresServer.builder().dataDirectory(data).start()) {
            server.execute("postgres", "CREATE TABLE t AS SELECT 7 AS id");
        }
        assertThat(Files.exists(data)).isTrue();
        try (PostgresServer server =
                PostgresServer.builder().dataDirectory(data).start()) {
            assertThat(value(server, "postgres", "SELECT id FROM t")).isEqualTo("7");
        }
    }

    @Test
    void failureToStartShowsTheServerLog() {
        assertThatThrownBy(() -> PostgresServer.builder()
                        .setting("shared_buffers", "much")
                        .start())
                .isInstanceOf(EmbeddedPostgresException.class)
                .hasMessageContaining("DETAIL:")
                .hasMessageContaining("invalid value for parameter \"shared_buffers\"");
    }

    @Test
    void missingVersionIsAnErrorThatNamesThoseAtHand() {
        assertThatThrownBy(() -> PostgresBinaries.of(9))
                .isInstanceOf(EmbeddedPostgresException.class)
                .hasMessageContaining("PostgreSQL 9 is not at hand")
                .hasMessageContaining("18");
    }

    @Test
    void takenPortIsAnError() {
        try (PostgresServer server = PostgresServer.builder().start()) {
            assertThatThrownBy(
                            () -> PostgresServer.builder().port(server.port()).start())
                    .isInstanceOf(EmbeddedPostgresException.class)
                    .hasMessageContaining("the port is in use");
        }
    }

    private static String value(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
