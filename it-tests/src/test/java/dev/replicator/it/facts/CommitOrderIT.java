package dev.replicator.it.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.facts.LogicalLog.Message;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fact 1: transactions of one server that wrote the same row stand in the log in the order in which they wrote it, because
 * row locks are held until the commit record is written. A statement that meets no row locks nothing, and is the exception.
 */
class CommitOrderIT {
    private static final String TABLE =
            "CREATE TABLE t (id text PRIMARY KEY, v text); ALTER TABLE t REPLICA IDENTITY FULL";
    private static final int WRITERS = 6;
    private static final int TRANSACTIONS = 60;

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void whatOverwroteARowStandsBehindWhatItOverwrote(int version) throws Exception {
        try (Server server =
                Servers.builder(version).setting("deadlock_timeout", "20ms").start()) {
            LogicalLog log = LogicalLog.create(server, "facts", TABLE);
            List<CompletableFuture<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                writers.add(CompletableFuture.supplyAsync(() -> write(server, writer)));
            }
            int committed = 0;
            for (CompletableFuture<Integer> writer : writers) {
                committed += writer.get(60, TimeUnit.SECONDS);
            }
            assertThat(committed).isGreaterThan(WRITERS * TRANSACTIONS / 2);
            assertThat(overwritten(log.read(""))).isGreaterThan(committed / 2);
        }
    }

    /** Goes through the log with the rows as they are after each change; returns how many changes overwrote one. */
    private static int overwritten(List<Message> log) {
        Map<String, String> rows = new HashMap<>();
        int overwritten = 0;
        for (Message message : log) {
            List<String> words = message.words();
            switch (message.type()) {
                case 'I' ->
                    assertThat(rows.put(words.get(0), words.get(1)))
                            .as("%s", message)
                            .isNull();
                case 'U' -> {
                    assertThat(rows.put(words.get(2), words.get(3)))
                            .as("%s", message)
                            .isEqualTo(words.get(1));
                    overwritten++;
                }
                case 'D' ->
                    assertThat(rows.remove(words.get(0))).as("%s", message).isEqualTo(words.get(1));
                default -> assertThat(message.type()).isIn('B', 'C');
            }
        }
        return overwritten;
    }

    private static int write(Server server, int writer) {
        Random random = new Random(writer);
        int committed = 0;
        try (Connection connection = server.connect("facts");
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = " + (writer % 2 == 0 ? "on" : "off"));
            for (int i = 0; i < TRANSACTIONS; i++) {
                committed += transaction(statement, random, writer + "." + i) ? 1 : 0;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return committed;
    }

    /** Some transactions deadlock. */
    private static boolean transaction(Statement statement, Random random, String name) throws SQLException {
        try {
            statement.execute("BEGIN");
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                String key = "#k" + random.nextInt(4);
                String value = "#v" + name + "." + i;
                statement.execute(
                        random.nextInt(6) == 0
                                ? "DELETE FROM t WHERE id = '" + key + "'"
                                : "INSERT INTO t VALUES ('%s', '%s') ON CONFLICT (id) DO UPDATE SET v = excluded.v"
                                        .formatted(key, value));
            }
            statement.execute("COMMIT");
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("40P01");
            statement.execute("ROLLBACK");
            return false;
        }
    }

    static Stream<Arguments> statementsThatLockNothing() {
        return Servers.versions().stream()
                .flatMap(version -> Stream.of(
                        Arguments.of(version, "", "DELETE FROM t WHERE id = '#k'", "INSERT INTO t VALUES ('#k', '#b')"),
                        Arguments.of(
                                version,
                                "INSERT INTO t VALUES ('#k', '#a')",
                                "INSERT INTO t VALUES ('#k', '#c') ON CONFLICT DO NOTHING",
                                "UPDATE t SET v = '#b'"),
                        Arguments.of(
                                version,
                                """
                                CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                                CREATE TRIGGER skip BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.v = '#c')
                                  EXECUTE FUNCTION skip();
                                INSERT INTO t VALUES ('#k', '#a')""",
                                "INSERT INTO t VALUES ('#k', '#c') ON CONFLICT (id) DO UPDATE SET v = excluded.v",
                                "UPDATE t SET v = '#b'")));
    }

    @ParameterizedTest
    @MethodSource("statementsThatLockNothing")
    void aStatementThatMeetsNoRowStandsBehindAWriteThatItDidNotSee(
            int version, String before, String meetsNoRow, String overtakes) throws Exception {
        try (Server server = Servers.builder(version).start()) {
            LogicalLog log = LogicalLog.create(server, "facts", TABLE);
            server.execute("facts", before.isEmpty() ? "SELECT 1" : before);
            int old = log.read("").size();
            try (Connection connection = server.connect("facts");
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                assertThat(statement.executeUpdate(meetsNoRow)).isZero();
                server.execute("facts", "SET lock_timeout = '10s'; " + overtakes);
                statement.execute("SELECT pg_logical_emit_message(true, 'test', '#met-no-row')");
                connection.commit();
            }
            List<Message> messages = log.read("");
            assertThat(messages.subList(old, messages.size()).stream().map(message -> String.valueOf(message.type())))
                    .containsExactly("B", overtakes.startsWith("INSERT") ? "I" : "U", "C", "B", "M", "C");
            assertThat(value(server, "SELECT v FROM t WHERE id = '#k'")).isEqualTo("#b");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void aDeleteThatWaitedForDeleteAndInsertMeetsNoRowThoughOneStandsThere(int version) throws Exception {
        try (Server server = Servers.builder(version).start()) {
            LogicalLog.create(server, "facts", TABLE);
            server.execute("facts", "INSERT INTO t VALUES ('#k', '#a')");
            assertThat(afterWaiting(
                            server,
                            "DELETE FROM t WHERE id = '#k'",
                            "INSERT INTO t VALUES ('#k', '#b')",
                            "DELETE FROM t WHERE id = '#k'"))
                    .isZero();
            assertThat(value(server, "SELECT v FROM t WHERE id = '#k'")).isEqualTo("#b");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void aPlainUpsertWaitsForTheOther(int version) throws Exception {
        String upsert = "INSERT INTO t VALUES ('#k', '%s') ON CONFLICT (id) DO UPDATE SET v = excluded.v";
        try (Server server = Servers.builder(version).start()) {
            LogicalLog.create(server, "facts", TABLE);
            assertThat(afterWaiting(server, upsert.formatted("#a"), "SELECT 1", upsert.formatted("#b")))
                    .isEqualTo(1);
            assertThat(value(server, "SELECT v FROM t WHERE id = '#k'")).isEqualTo("#b");
        }
    }

    /** Runs two statements in a transaction that commits when the last one, of another session, waits for it. */
    private static int afterWaiting(Server server, String first, String second, String waits) throws Exception {
        try (Connection ahead = server.connect("facts");
                Statement statement = ahead.createStatement()) {
            ahead.setAutoCommit(false);
            statement.execute(first);
            statement.execute(second);
            CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(() -> update(server, waits));
            await().until(() -> value(server, "SELECT count(*) FROM pg_locks WHERE NOT granted")
                    .equals("1"));
            ahead.commit();
            return waiting.get(30, TimeUnit.SECONDS);
        }
    }

    private static int update(Server server, String sql) {
        try (Connection connection = server.connect("facts");
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String value(Server server, String sql) throws SQLException {
        return Rows.first(server, "facts", sql);
    }
}
