package dev.replicator.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.codec.MarkCodec;
import dev.replicator.codec.MarkHead;
import dev.replicator.decode.StreamSettings;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.decode.TypeNames;
import dev.replicator.embedded.PostgresServer;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Lsn;
import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Reached;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.Transaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The reader on a real server; one subclass a version. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SlotReaderTest {
    private static final String SLOT = "replicator_bard_shake1_0";
    private static final String ORIGIN = "replicator_bard_shake1_0";
    private static final String PUBLICATION = "replicator Bard's \"own\"";
    private static final byte[] SECRET = {4, 2};
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final Table WORK =
            new Table(0, new TableName("public", "Work's \"own\""), List.of("id"), List.of("numeric"));
    private static final Table TYPES = new Table(
            1,
            new TableName("public", "types"),
            List.of("k1", "k2", "k3", "k4"),
            List.of("timestamptz", "enum", "uuid", "numeric"));

    private final int version;
    private final MarkCodec marks = new MarkCodec("bard", SECRET);
    private final List<LogEntry> entries = new ArrayList<>();
    private PostgresServer server;
    private int databases;
    private String database = "";

    SlotReaderTest(int version) {
        this.version = version;
        this.server = PostgresServer.builder()
                .version(version)
                .setting("wal_sender_timeout", "1s")
                .start();
    }

    @BeforeAll
    void prepare() {
        server.execute("postgres", "SELECT pg_replication_origin_create('" + ORIGIN + "')");
        server.execute("postgres", "SELECT pg_replication_origin_create('elsewhere')");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** A database of its own with a slot, for each test. */
    private void database() {
        entries.clear();
        if (!database.isEmpty()) {
            server.execute(
                    database,
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                            + " WHERE database = current_database() AND NOT active");
        }
        database = "shake" + ++databases;
        server.createDatabase(database);
        server.execute(database, "CREATE TABLE " + WORK.name().quoted() + " (id numeric PRIMARY KEY, title text)");
        server.execute(database, "CREATE TYPE \"Mood\" AS ENUM ('sad', 'glad')");
        server.execute(database, "CREATE DOMAIN whole AS int8 CHECK (VALUE > 0)");
        server.execute(
                database,
                "CREATE TABLE types (k1 timestamptz, k2 \"Mood\", k3 uuid, k4 numeric, w whole,"
                        + " m \"Mood\"[], f float8, b bytea, d date, t text, PRIMARY KEY (k1, k2, k3, k4))");
        server.execute(database, "CREATE TABLE keyless (n int)");
        server.execute(
                database,
                "CREATE PUBLICATION " + TableName.quote(PUBLICATION) + " FOR TABLE "
                        + WORK.name().quoted() + ", types");
        server.execute(database, "SELECT pg_create_logical_replication_slot('" + SLOT + databases + "', 'pgoutput')");
    }

    private SlotReader reader(StreamRequest.Form form) {
        StreamSettings settings = new StreamSettings(
                "bard",
                List.of("shake1"),
                List.of(WORK, TYPES),
                new StreamSettings.OwnMarks(ORIGIN, SECRET, MarkNumber.NONE),
                StreamSettings.Spool.usual());
        return SlotReader.open(request(form), new TransactionAssembler(settings, TypeNames.builtIn()));
    }

    private StreamRequest request(StreamRequest.Form form) {
        DatabaseSpec spec =
                new DatabaseSpec("shake1", "postgres", server.jdbcUrl(database), "postgres", null, Map.of());
        return new StreamRequest(spec, SLOT + databases, PUBLICATION, 0, form);
    }

    @Test
    void rowsArriveWithTheirTransactionInTextAndInBinary() throws SQLException {
        for (boolean binary : new boolean[] {false, true}) {
            database();
            server.execute(
                    database,
                    "INSERT INTO " + WORK.name().quoted() + " VALUES (1.0, 'Hamlet'), (2, NULL);"
                            + " UPDATE " + WORK.name().quoted() + " SET id = 1.00, title = 'x' WHERE id = 1;"
                            + " UPDATE " + WORK.name().quoted() + " SET id = 3 WHERE id = 2;"
                            + " DELETE FROM " + WORK.name().quoted() + " WHERE id = 3");
            String lsn = value("SELECT pg_current_wal_lsn()");
            try (SlotReader reader = reader(new StreamRequest.Form(binary, false))) {
                poll(reader, () -> !transactions().isEmpty());
                poll(reader, () -> readUpTo() >= Lsn.parse(lsn).value());
            }
            Transaction transaction = transactions().get(0);
            assertThat(transaction.end()).isLessThanOrEqualTo(Lsn.parse(lsn).value());
            assertThat(transaction.commitLsn()).isLessThan(transaction.end());
            assertThat(Math.abs(transaction.commitMicros() - System.currentTimeMillis() * 1000))
                    .isLessThan(Duration.ofMinutes(1).toNanos() / 1000);
            assertThat(transaction.origin()).isNull();
            List<String> kinds = new ArrayList<>();
            for (Change change : transaction.changes()) {
                kinds.add(change.kind() + (change.movedFrom() == null ? "" : " moved"));
                assertThat(change.requireRow().kind(0)).isEqualTo(binary ? Row.BINARY : Row.TEXT);
            }
            assertThat(kinds).containsExactly("INSERT", "INSERT", "UPDATE", "DELETE", "INSERT moved", "DELETE");
        }
    }

    @Test
    void keysOfEveryFormAreTheSameInTextAndInBinary() {
        database();
        server.execute(
                database,
                "INSERT INTO types (k1, k2, k3, k4, w, m, f, b, d, t) VALUES"
                        + " ('infinity', 'sad', '00112233-4455-6677-8899-aabbccddeeff', 'NaN', 1, '{sad,glad}', 0.1, '\\x00ff', 'now', '\t\\'),"
                        + " ('4714-11-24 00:00:00+00 BC', 'glad', '00112233-4455-6677-8899-aabbccddeeff', -0.00012300, 2, '{}', '-inf', '', '0044-03-15 BC', 'é'),"
                        + " ('294276-12-31 23:59:59.999999+00', 'glad', gen_random_uuid(), 1e100, 2, '{}', 'nan', '', 'infinity', 'é'),"
                        + " ('2024-02-29 12:00:00.5+02', 'glad', gen_random_uuid(), 120000.5, 2, '{}', 'nan', '', 'infinity', 'é')");
        List<List<String>> keys = new ArrayList<>();
        for (boolean binary : new boolean[] {false, true}) {
            entries.clear();
            try (SlotReader reader = reader(new StreamRequest.Form(binary, false))) {
                poll(reader, () -> !transactions().isEmpty());
            }
            List<String> canonical = new ArrayList<>();
            for (Change change : transactions().get(0).changes()) {
                canonical.add(HexFormat.of().formatHex(change.requireKey().canonical()));
                assertThat(change.requireRow().relation().columns())
                        .extracting(column -> column.type())
                        .containsExactly(
                                "timestamptz",
                                "\"public\".\"Mood\"",
                                "uuid",
                                "numeric",
                                "int8",
                                "\"public\".\"_Mood\"",
                                "float8",
                                "bytea",
                                "date",
                                "text");
            }
            keys.add(canonical);
            untilFree();
        }
        assertThat(keys.get(0)).hasSize(4).doesNotHaveDuplicates().isEqualTo(keys.get(1));
    }

    @Test
    void ourOwnTransactionsAreMarksAndOthersAreNot() throws SQLException {
        database();
        byte[] first = marks.encode(head(1, 1), new long[] {11}, new long[0], List.of())
                .get(0);
        byte[] forged = new MarkCodec("bard", new byte[] {1})
                .encode(head(9, 9), new long[0], new long[0], List.of())
                .get(0);
        String insert = "INSERT INTO " + WORK.name().quoted() + " VALUES ";
        session(
                "SELECT pg_replication_origin_session_setup('" + ORIGIN + "')",
                "BEGIN",
                insert + "(1, 'ours')",
                message(first),
                "COMMIT",
                "SELECT pg_replication_origin_session_reset()",
                "SELECT pg_replication_origin_session_setup('elsewhere')",
                insert + "(2, 'of a subscription')",
                "SELECT pg_replication_origin_session_reset()",
                "BEGIN",
                insert + "(3, 'local')",
                message(forged),
                "COMMIT");
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> transactions().size() == 2);
        }
        List<LogEntry> interesting =
                entries.stream().filter(entry -> !(entry instanceof Reached)).toList();
        Mark mark = (Mark) interesting.get(0);
        assertThat(mark.written()).containsExactly(11);
        assertThat(mark.xid()).isNotZero();
        assertThat(((Transaction) interesting.get(1)).origin()).isEqualTo("elsewhere");
        assertThat(((Transaction) interesting.get(2)).origin()).isNull();
        assertThat(interesting).hasSize(3);
    }

    @Test
    void withOriginsFilteredTheMarkStandsOutside() throws SQLException {
        if (version < 16) {
            assertThat(SlotReader.startCommand(new StreamRequest(
                            new DatabaseSpec("a", "postgres", "", null, null, Map.of()),
                            "s",
                            "p",
                            0,
                            StreamRequest.Form.TEXT)))
                    .doesNotContain("origin");
            return;
        }
        database();
        byte[] content = marks.encode(head(1, 1), new long[] {11}, new long[0], List.of())
                .get(0);
        String insert = "INSERT INTO " + WORK.name().quoted() + " VALUES ";
        session(
                "BEGIN",
                "SELECT pg_replication_origin_session_setup('" + ORIGIN + "')",
                insert + "(1, 'ours')",
                "SELECT pg_replication_origin_session_reset()",
                message(content),
                "COMMIT",
                insert + "(2, 'local')");
        try (SlotReader reader = reader(new StreamRequest.Form(false, true))) {
            poll(reader, () -> transactions().size() == 1);
        }
        List<LogEntry> interesting =
                entries.stream().filter(entry -> !(entry instanceof Reached)).toList();
        assertThat(interesting).hasSize(2).first().isInstanceOf(Mark.class);
    }

    @Test
    void anIdleDatabaseInABusyClusterReachesTheEndOfTheLog() throws SQLException {
        database();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            server.execute("postgres", "CREATE TABLE IF NOT EXISTS busy AS SELECT generate_series(1, 10000) n");
            long busy = Lsn.parse(value("SELECT pg_current_wal_lsn()")).value();
            reader.requestPosition();
            poll(reader, () -> readUpTo() >= busy);
            assertThat(entries).allMatch(entry -> entry instanceof Reached);
            assertThat(reader.serverEnd()).isGreaterThanOrEqualTo(busy);
            reader.acknowledge(readUpTo());
            long acknowledged = readUpTo();
            poll(reader, () -> confirmed() >= acknowledged);
        }
    }

    @Test
    void theLastAcknowledgementArrivesAtOnce() throws SQLException {
        database();
        server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (1, 'a')");
        SlotReader reader = reader(StreamRequest.Form.TEXT);
        poll(reader, () -> !transactions().isEmpty());
        long end = transactions().get(0).end();
        assertThat(confirmed()).isLessThan(end);
        reader.acknowledge(end);
        reader.close();
        long started = System.nanoTime();
        untilFree();
        assertThat(confirmed()).isGreaterThanOrEqualTo(end);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void nothingIsAcknowledgedUnasked() throws SQLException {
        database();
        long before = confirmed();
        server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (1, 'a')");
        long end = Lsn.parse(value("SELECT pg_current_wal_lsn()")).value();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> readUpTo() >= end);
            reader.requestPosition();
            long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            poll(reader, () -> System.nanoTime() > until);
        }
        assertThat(confirmed()).isEqualTo(before);
    }

    @Test
    void anIdleStreamLivesThroughThreeTimeoutsOfTheServer() throws SQLException {
        database();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            long until = System.nanoTime() + Duration.ofMillis(3_300).toNanos();
            poll(reader, () -> System.nanoTime() > until);
            server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (1, 'a')");
            poll(reader, () -> !transactions().isEmpty());
        }
    }

    @Test
    void anotherThreadEndsAWait() throws Exception {
        database();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> !entries.isEmpty());
            reader.wakeup();
            long started = System.nanoTime();
            reader.poll(Duration.ofMinutes(1), entries::add);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
        }
    }

    @Test
    void aLargeTransactionArrivesWhole() {
        database();
        server.execute(
                database,
                "INSERT INTO " + WORK.name().quoted() + " SELECT n, repeat('x', 200) FROM generate_series(1, 60000) n");
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> !transactions().isEmpty());
        }
        Transaction transaction = transactions().get(0);
        assertThat(transaction.changes().size()).isEqualTo(60_000);
        assertThat(transaction.changes().memoryBytes()).as("it is in a file").isZero();
        long count = 0;
        for (Change change : transaction.changes()) {
            count++;
            assertThat(change.requireRow().text(0)).isEqualTo(Long.toString(count));
        }
        transaction.changes().close();
        assertThat(count).isEqualTo(60_000);
    }

    @Test
    void aSlotInUseIsBusyAndAMissingOneIsMissing() {
        database();
        SlotReader reader = reader(StreamRequest.Form.TEXT);
        assertThatThrownBy(() -> reader(StreamRequest.Form.TEXT))
                .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.SLOT_BUSY);
                    assertThat(e.kind()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
                    assertThat(e.detail()).contains("PID");
                });
        reader.close();
        untilFree();
        server.execute(database, "SELECT pg_drop_replication_slot('" + SLOT + databases + "')");
        assertThatThrownBy(() -> reader(StreamRequest.Form.TEXT))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SLOT_MISSING));
    }

    @Test
    void aMissingPublicationIsNamed() {
        database();
        server.execute(database, "DROP PUBLICATION " + TableName.quote(PUBLICATION));
        server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (1, 'a')");
        long end = Lsn.parse(value("SELECT pg_current_wal_lsn()")).value();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            assertThatThrownBy(() -> poll(reader, () -> !transactions().isEmpty()))
                    .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.PUBLICATION);
                        assertThat(e.formatted()).contains(PUBLICATION);
                    });
            assertThat(entries).as("what was left out does not count as read").allMatch(entry -> entry.end() < end);
        }
    }

    @Test
    void aSessionEndedByTheServerMayBeTriedAgain() {
        database();
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> !entries.isEmpty());
            server.execute(database, "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active");
            assertThatThrownBy(() -> poll(reader, () -> false)).isInstanceOfSatisfying(ReplicatorException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION);
                assertThat(e.kind()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
            });
        }
    }

    @Test
    void aServerShutsDownAtOnceAlthoughLittleIsAcknowledged() throws Exception {
        database();
        server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (1, 'a')");
        try (SlotReader reader = reader(StreamRequest.Form.TEXT)) {
            poll(reader, () -> !transactions().isEmpty());
            reader.acknowledge(transactions().get(0).commitLsn());
            server.execute(database, "INSERT INTO " + WORK.name().quoted() + " VALUES (2, 'b')");
            poll(reader, () -> transactions().size() == 2);
            long started = System.nanoTime();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::stop);
            assertThatThrownBy(() -> poll(reader, () -> false))
                    .isInstanceOfSatisfying(
                            ReplicatorException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION));
            stopped.get(20, TimeUnit.SECONDS);
            // Later on the server is shut down the hard way.
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
        } finally {
            server.start();
        }
        long unacknowledged = transactions().get(1).end();
        assertThat(confirmed()).isLessThan(unacknowledged);
    }

    private static MarkHead head(long fence, long batch) {
        return new MarkHead("bard", fence, batch, 1, List.of(), 0, 0);
    }

    private static String message(byte[] content) {
        return "SELECT pg_logical_emit_message(true, 'replicator', '\\x"
                + HexFormat.of().formatHex(content) + "'::bytea)";
    }

    /** One session, statement by statement, without transactions of the driver's. */
    private void session(String... statements) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private void poll(SlotReader reader, BooleanSupplier until) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).as("entries so far: %s", entries).isLessThan(deadline);
            reader.poll(Duration.ofMillis(50), entries::add);
        }
    }

    private void untilFree() {
        org.awaitility.Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> value("SELECT count(*) FROM pg_replication_slots WHERE active")
                        .equals("0"));
    }

    private List<Transaction> transactions() {
        List<Transaction> transactions = new ArrayList<>();
        for (LogEntry entry : entries) {
            if (entry instanceof Transaction transaction) {
                transactions.add(transaction);
            }
        }
        return transactions;
    }

    private long readUpTo() {
        return entries.stream().mapToLong(LogEntry::end).max().orElse(0);
    }

    private long confirmed() {
        return Lsn.parse(value("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + SLOT
                        + databases + "'"))
                .value();
    }

    private String value(String sql) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            @Nullable String value = result.getString(1);
            return value == null ? "" : value;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
