package dev.replicator.postgres;

import dev.replicator.apply.Chunks;
import dev.replicator.codec.KeyCodec;
import dev.replicator.codec.MarkCodec;
import dev.replicator.embedded.PostgresServer;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Key;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.PerTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.session.Sessions;
import dev.replicator.spi.TargetRequest;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A fresh database on a shared server, written by an ordinary role that has what the documentation tells to grant and
 * nothing else.
 */
final class TestDatabase {
    static final String SYNC = "bard";
    private static final Map<Integer, PostgresServer> SERVERS = new HashMap<>();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final PostgresServer server;
    final String name;
    private final List<Table> tables = new ArrayList<>();
    /** What its syncs do with refused changes. */
    OnError onError = OnError.STOP;

    private TestDatabase(PostgresServer server, String name) {
        this.server = server;
        this.name = name;
    }

    /** With tables made by {@code ddl}, which belong to the superuser. */
    static TestDatabase create(int version, String ddl) {
        PostgresServer server = server(version);
        TestDatabase database = new TestDatabase(server, "db" + NUMBER.incrementAndGet());
        server.createDatabase(database.name);
        server.execute("postgres", "GRANT CREATE ON DATABASE " + database.name + " TO replicator");
        server.execute(
                database.name,
                functions() + ddl
                        + "; DO $$ DECLARE s text; BEGIN FOR s IN SELECT quote_ident(nspname) FROM pg_namespace"
                        + " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP"
                        + " EXECUTE format('GRANT USAGE ON SCHEMA %s TO replicator', s);"
                        + " EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA %s"
                        + " TO replicator', s); END LOOP; END $$");
        return database;
    }

    private static String functions() {
        return "GRANT EXECUTE ON FUNCTION pg_replication_origin_create(text), pg_replication_origin_session_setup(text),"
                + " pg_replication_origin_session_reset(), pg_replication_origin_xact_setup(pg_lsn, timestamptz)"
                + " TO replicator;";
    }

    private static synchronized PostgresServer server(int version) {
        return SERVERS.computeIfAbsent(version, v -> {
            PostgresServer server = PostgresServer.builder()
                    .version(v)
                    .setting("track_commit_timestamp", "on")
                    .setting("max_replication_slots", "100")
                    .setting("wal_writer_delay", "20ms")
                    .start();
            server.execute("postgres", "CREATE ROLE replicator LOGIN; " + replicaRole(v));
            if (v >= 18) {
                server.execute("postgres", "ALTER SYSTEM SET max_active_replication_origins = 100");
                server.restart();
            }
            return server;
        });
    }

    private static String replicaRole(int version) {
        return version >= 15
                ? "GRANT SET ON PARAMETER session_replication_role TO replicator"
                : "ALTER ROLE replicator SET session_replication_role = replica";
    }

    int version() {
        return server.majorVersion();
    }

    DatabaseSpec spec(String as) {
        return new DatabaseSpec(
                as,
                "postgres",
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name,
                "replicator",
                null,
                Map.of());
    }

    /** A sync with two masters, of which this database is the first. */
    SyncSpec masters(SyncSpec.ForeignOrigins foreignOrigins) {
        return sync(List.of(spec("shake1"), spec("shake2")), List.of(), foreignOrigins);
    }

    /** A sync with one source, of which this database is the target. */
    SyncSpec receiving() {
        return sync(List.of(spec("source")), List.of(spec("reports")), SyncSpec.ForeignOrigins.FORWARD);
    }

    private SyncSpec sync(
            List<DatabaseSpec> sources, List<DatabaseSpec> targets, SyncSpec.ForeignOrigins foreignOrigins) {
        return new SyncSpec(
                SYNC,
                sources,
                targets,
                null,
                foreignOrigins,
                new SyncSpec.SlotBudget(1L << 30, Duration.ofHours(1)),
                new SyncSpec.ClockLimit(Duration.ofMinutes(1), SyncSpec.WhenExceeded.WARN),
                PerTable.all(onError));
    }

    private static PostgresTarget open(SyncSpec sync, int node, List<Table> tables) {
        List<TableSchema> schemas =
                tables.stream().map(table -> new TableSchema(table, List.of())).toList();
        return new PostgresTargetFactory()
                .open(new TargetRequest(sync, node, schemas, TestDatabase.class.getClassLoader()));
    }

    PostgresTarget openMaster(SyncSpec.ForeignOrigins foreignOrigins) {
        return open(masters(foreignOrigins), 0, tables);
    }

    PostgresTarget openMaster() {
        return openMaster(SyncSpec.ForeignOrigins.FORWARD);
    }

    PostgresTarget openReceiving() {
        return open(receiving(), 1, tables);
    }

    /** Makes a table of this database one of the sync's. {@code columns} are "name type" pairs, in order. */
    TestTable table(String schema, String tableName, List<String> key, String... columns) {
        List<Column> described = new ArrayList<>();
        Map<String, String> types = new HashMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            described.add(new Column(columns[i], oid(columns[i + 1]), columns[i + 1], -1));
            types.put(columns[i], columns[i + 1]);
        }
        Table table = new Table(
                tables.size(),
                new TableName(schema, tableName),
                key,
                key.stream().map(types::get).toList());
        tables.add(table);
        return new TestTable(table, new Relation(table, described));
    }

    TestTable table(String tableName, String... columns) {
        return table("public", tableName, List.of(columns[0]), columns);
    }

    private int oid(String type) {
        return Integer.parseInt(String.valueOf(value("SELECT '" + type.replace("'", "''") + "'::regtype::oid")));
    }

    /** A table and its relation, and rows of it from strings, as text; null is NULL, {@link #ABSENT} not carried. */
    record TestTable(Table table, Relation relation) {
        static final String ABSENT = "\0absent";

        Row row(@Nullable String... values) {
            Row.Builder row = new Row.Builder(relation);
            for (String value : values) {
                if (value == null) {
                    row.nil();
                } else if (value.equals(ABSENT)) {
                    row.absent();
                } else {
                    row.text(value);
                }
            }
            return row.build();
        }

        Key key(Row row) {
            return new KeyCodec(table).keyOf(row);
        }

        Operation upsert(@Nullable String... values) {
            Row row = row(values);
            return Operation.upsert(key(row), row, Operation.UNGUARDED);
        }

        Operation update(@Nullable String... values) {
            Row row = row(values);
            return Operation.update(key(row), row, Operation.UNGUARDED);
        }

        /** {@code oldKey}: the value of the key's first and only column. */
        Operation move(String oldKey, @Nullable String... values) {
            Row row = row(values);
            @Nullable String[] from = new String[values.length];
            Arrays.fill(from, ABSENT);
            from[0] = oldKey;
            return Operation.move(key(row), row, row(from));
        }

        Operation delete(@Nullable String... values) {
            Row row = row(values);
            return Operation.delete(key(row), row, Operation.UNGUARDED);
        }
    }

    static Batch batch(long number, Operation... operations) {
        return batch(number, new Chunk(List.of(), List.of(operations), List.of()));
    }

    static Batch batch(long number, Chunk... chunks) {
        return new Batch(
                number,
                List.of(chunks),
                Positions.of(0, number * 1000),
                number,
                List.of(),
                List.of(),
                1_700_000_000_000_000L);
    }

    /** For a sync with one source. */
    static Batch receivedBatch(long number, Operation... operations) {
        return new Batch(
                number,
                Chunks.of(List.of(operations), operations.length, 1_000),
                Positions.of(number * 1000),
                number,
                List.of(),
                List.of(),
                1_700_000_000_000_000L);
    }

    /** Takes away the grant for the time of {@code test}. */
    void withoutReplicaRole(Runnable test) {
        boolean parameter = version() >= 15;
        execute(
                parameter
                        ? "REVOKE SET ON PARAMETER session_replication_role FROM replicator"
                        : "ALTER ROLE replicator RESET session_replication_role");
        try {
            test.run();
        } finally {
            execute(replicaRole(version()));
        }
    }

    void execute(String sql) {
        server.execute(name, sql);
    }

    /** A connection as superuser, with values in the forms that sessions of ours have. */
    Connection connect() {
        return Sessions.open(
                new DatabaseSpec("test", "postgres", server.jdbcUrl(name), "postgres", null, Map.of()),
                "test",
                Map.of("search_path", "public"));
    }

    @Nullable
    String value(String sql) {
        List<@Nullable String> values = values(sql);
        return values.isEmpty() ? null : values.get(0);
    }

    /** The first column of every row. */
    List<@Nullable String> values(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<@Nullable String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Starts to keep the log, for {@link #log}. */
    void keepLog() {
        execute("CREATE PUBLICATION everything FOR TABLE "
                + value("SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public'"));
        value("SELECT pg_create_logical_replication_slot('slot_" + name + "', 'pgoutput')");
    }

    void dropLog() {
        value("SELECT pg_drop_replication_slot('slot_" + name + "')");
    }

    /** What a stream sends of the log: kinds of the messages, and the content of logical ones. */
    List<LogMessage> log(String... options) {
        String sql = "SELECT pg_catalog.encode(data, 'hex') FROM pg_logical_slot_get_binary_changes('slot_" + name
                + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'everything', 'messages', 'true'"
                + String.join(
                        "", Arrays.stream(options).map(o -> ", '" + o + "'").toList()) + ")";
        // Commits of ours are asynchronous, and what is not flushed is not sent.
        execute("CHECKPOINT");
        List<LogMessage> messages = new ArrayList<>();
        for (String hex : values(sql)) {
            byte[] data = java.util.HexFormat.of().parseHex(String.valueOf(hex));
            messages.add(new LogMessage((char) data[0], data));
        }
        return messages;
    }

    /** A message of the stream. */
    record LogMessage(char kind, byte[] data) {
        byte[] content() {
            int at = 10;
            while (data[at] != 0) {
                at++;
            }
            byte[] content = new byte[ByteBuffer.wrap(data, at + 1, 4).getInt()];
            System.arraycopy(data, at + 5, content, 0, content.length);
            return content;
        }
    }

    static MarkCodec marks(byte[] secret) {
        return new MarkCodec(SYNC, secret);
    }
}
