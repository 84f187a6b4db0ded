package dev.replicator.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.embedded.PostgresServer;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import dev.replicator.slot.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionsTest {
    private static final String WRONG = "hunter2-wrong";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void valuesReadAlikeWhateverTheRoleAndTheDatabaseSay(int version) throws SQLException {
        DatabaseSpec spec = TestServers.database(version, "odd");
        String database = Endpoint.of(spec).database();
        for (String setting : List.of(
                "DateStyle = 'German'",
                "IntervalStyle = 'sql_standard'",
                "TimeZone = 'Asia/Tokyo'",
                "bytea_output = 'escape'",
                "extra_float_digits = -5",
                "search_path = 'pg_temp'",
                "statement_timeout = '5s'",
                "default_transaction_read_only = on")) {
            // The last one would refuse the statements after it.
            TestServers.run(spec, "ALTER DATABASE " + database + " SET " + setting);
        }
        try (Connection plain = Sessions.open(spec, "pins");
                Connection replication = Sessions.openReplication(spec, "pins", Map.of("work_mem", "1MB"))) {
            for (Connection connection : List.of(plain, replication)) {
                assertThat(value(connection, "SELECT '2026-01-02 03:04:05+00'::timestamptz"))
                        .isEqualTo("2026-01-02 03:04:05+00");
                assertThat(value(connection, "SELECT '1 year 2 days'::interval::text"))
                        .isEqualTo("1 year 2 days");
                assertThat(value(connection, "SELECT '\\x00ff'::bytea::text")).isEqualTo("\\x00ff");
                assertThat(value(connection, "SELECT 0.1::float8 + 0.2::float8"))
                        .isEqualTo("0.30000000000000004");
                assertThat(value(connection, "SHOW search_path")).isEmpty();
                assertThat(value(connection, "SHOW statement_timeout")).isEqualTo("0");
                assertThat(value(connection, "SHOW transaction_read_only")).isEqualTo("off");
                assertThat(value(connection, "SHOW application_name")).isEqualTo("pins");
            }
            assertThat(value(replication, "SHOW work_mem")).isEqualTo("1MB");
            assertThat(plain.getNetworkTimeout()).isZero();
            assertThat(replication.getNetworkTimeout()).isZero();
        }
    }

    @Test
    void eachFailureToConnectHasItsOwnTextAndNoPassword() throws IOException, SQLException {
        try (PostgresServer server = PostgresServer.builder().version(18).start()) {
            server.execute("postgres", "CREATE ROLE bard LOGIN PASSWORD 'right'");
            server.execute("postgres", "CREATE ROLE single LOGIN CONNECTION LIMIT 0");
            server.execute("postgres", "CREATE DATABASE closed");
            server.execute("postgres", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
            Path hba = server.dataDirectory().resolve("pg_hba.conf");
            Files.writeString(hba, "host all bard 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
            server.execute("postgres", "SELECT pg_reload_conf()");

            String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/";
            Awaitility.await().until(() -> failure(url + "postgres", "bard", WRONG) != null);
            expect(failure(url + "postgres", "bard", WRONG), Kind.FATAL, ErrorCode.AUTHENTICATION, "28P01");
            expect(failure(url + "postgres", "bard", null), Kind.FATAL, ErrorCode.AUTHENTICATION, "08004");
            expect(failure(url + "postgres", "nobody", WRONG), Kind.FATAL, ErrorCode.AUTHENTICATION, "28000");
            expect(failure(url + "nowhere", "postgres", WRONG), Kind.FATAL, ErrorCode.CONFIGURATION, "3D000");
            expect(failure(url + "closed", "bard", "right"), Kind.FATAL, ErrorCode.PRIVILEGE, "42501");
            expect(failure(url + "postgres", "single", WRONG), Kind.RETRYABLE, ErrorCode.CONNECTION, "53300");
            expect(
                    failure("jdbc:postgresql://127.0.0.1:1/x", "bard", WRONG),
                    Kind.RETRYABLE,
                    ErrorCode.CONNECTION,
                    "08001");
            try (Connection connection = Sessions.open(spec(url + "postgres?user=nobody", "bard", "right"), "test")) {
                assertThat(value(connection, "SELECT current_user")).isEqualTo("bard");
            }
        }
        ReplicatorException unreadable = failure("jdbc:mysql://host/x?password=" + WRONG, "bard", WRONG);
        assertThat(unreadable).isNotNull();
        assertThat(unreadable.code()).isEqualTo(ErrorCode.CONFIGURATION);
        assertThat(unreadable.formatted()).doesNotContain(WRONG);
    }

    @Test
    void valuesInTheMessagesOfTheServerAreNotRepeated() throws SQLException {
        DatabaseSpec spec = TestServers.database(18, "values");
        TestServers.run(spec, "CREATE TABLE t (secret text CONSTRAINT once UNIQUE)", "INSERT INTO t VALUES ('hush')");
        try (Connection connection = Sessions.open(spec, "test");
                Statement statement = connection.createStatement()) {
            for (String sql : List.of("SELECT 'hush'::int", "INSERT INTO public.t VALUES ('hush')")) {
                SQLException e = catchThrowableOfType(SQLException.class, () -> statement.execute(sql));
                ReplicatorException mapped = SqlErrors.doing("write", e);
                assertThat(mapped.formatted()).doesNotContain("hush");
                assertThat(mapped.code()).isEqualTo(ErrorCode.TARGET_REFUSED);
            }
            SQLException unique = catchThrowableOfType(
                    SQLException.class, () -> statement.execute("INSERT INTO public.t VALUES ('hush')"));
            assertThat(SqlErrors.text(unique)).contains("constraint \"once\"", "SQLSTATE 23505");
        }
    }

    private static void expect(@Nullable ReplicatorException failure, Kind kind, ErrorCode code, String state) {
        assertThat(failure).isNotNull();
        assertThat(failure.formatted()).contains("(SQLSTATE " + state + ")").doesNotContain(WRONG);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.hint()).isNotNull();
        assertThat(failure.primary())
                .startsWith(kind == Kind.RETRYABLE ? "could not connect to" : "cannot connect to")
                .contains("\"shake\" at 127.0.0.1:");
    }

    private static @Nullable ReplicatorException failure(String url, String user, @Nullable String password) {
        try {
            Sessions.closeQuietly(Sessions.open(spec(url, user, password), "test"));
            return null;
        } catch (ReplicatorException e) {
            return e;
        }
    }

    private static DatabaseSpec spec(String url, String user, @Nullable String password) {
        return new DatabaseSpec(
                "shake", "postgres", url, user, password == null ? null : new Secret(password), Map.of());
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
