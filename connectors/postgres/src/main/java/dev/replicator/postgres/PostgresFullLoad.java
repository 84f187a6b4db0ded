package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.Table;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.FullLoad;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Tables of a PostgreSQL database that are emptied and filled. The row in {@code replicator.full_copy} is locked first, so
 * that one copy is made at a time, and says with the same commit what was copied when.
 *
 * <p>Triggers and foreign keys do not fire, as for everything that is replicated. Thread: that of the connection; {@link
 * #close} any.
 */
final class PostgresFullLoad implements FullLoad {
    private static final String COLUMNS = """
            SELECT a.attname, a.atttypid::int8, c.relkind,
                   EXISTS (SELECT FROM pg_catalog.pg_trigger t
                           WHERE t.tgrelid = c.oid AND t.tgenabled NOT IN ('D', 'R'))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
            WHERE c.oid = pg_catalog.to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
            """;

    private final Connection connection;
    private final String sync;
    private final String database;
    private final boolean replicaRole;
    private final Map<String, There> tables = new HashMap<>();

    /** A table as it is there. */
    private record There(Map<String, Integer> types, boolean partitioned, boolean triggers) {}

    private PostgresFullLoad(Connection connection, String sync, String database, boolean replicaRole) {
        this.connection = connection;
        this.sync = sync;
        this.database = database;
        this.replicaRole = replicaRole;
    }

    static PostgresFullLoad open(DatabaseSpec spec, String sync) {
        Connection connection = Sessions.open(
                spec, "replicator " + sync + " full copy", Map.of("client_connection_check_interval", "5s"));
        try {
            return new PostgresFullLoad(connection, sync, spec.name(), ReplicaRole.take(connection));
        } catch (SQLException e) {
            Sessions.closeQuietly(connection);
            throw SqlErrors.doing("open a session on database \"" + spec.name() + "\"", e);
        } catch (ReplicatorException e) {
            Sessions.closeQuietly(connection);
            throw e;
        }
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T doing(String what, Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw SqlErrors.doing(what + " on database \"" + database + "\"", e);
        }
    }

    @Override
    public Optional<Done> recorded() {
        return doing("read what was copied", () -> {
            if (!ReplicatorSchema.isUsable(connection, database)) {
                return Optional.<Done>empty();
            }
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT wanted, source, finished_at, tables, rows FROM replicator.full_copy WHERE sync = ?")) {
                select.setString(1, sync);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(record(row)) : Optional.<Done>empty();
                }
            }
        });
    }

    private static Done record(ResultSet row) throws SQLException {
        OffsetDateTime finished = row.getObject(3, OffsetDateTime.class);
        @Nullable Instant at = finished == null ? null : finished.toInstant();
        return new Done(row.getBoolean(1), row.getString(2), at, row.getInt(4), row.getLong(5));
    }

    @Override
    public void want() {
        ReplicatorSchema.install(connection, database);
        doing("record that tables are copied", () -> {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO replicator.full_copy (sync, wanted)"
                            + " VALUES (?, true) ON CONFLICT (sync) DO UPDATE SET wanted = true")) {
                insert.setString(1, sync);
                return insert.executeUpdate();
            }
        });
    }

    @Override
    public void begin() {
        doing("begin to copy tables", () -> {
            connection.setAutoCommit(false);
            try (PreparedStatement lock =
                    connection.prepareStatement("SELECT FROM replicator.full_copy WHERE sync = ? FOR UPDATE")) {
                lock.setString(1, sync);
                lock.executeQuery().close();
            }
            return connection;
        });
    }

    private There there(Table table) throws SQLException {
        String quoted = table.name().quoted();
        There known = tables.get(quoted);
        if (known != null) {
            return known;
        }
        Map<String, Integer> types = new HashMap<>();
        boolean partitioned = false;
        boolean triggers = false;
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, quoted);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    types.put(row.getString(1), (int) row.getLong(2));
                    partitioned = row.getString(3).equals("p");
                    triggers = row.getBoolean(4);
                }
            }
        }
        There there = new There(types, partitioned, triggers);
        tables.put(quoted, there);
        return there;
    }

    /** Nobody writes to them until the end; whoever reads goes on where rows are deleted. */
    @Override
    public void empty(List<Table> tables, Emptying emptying) {
        for (Table table : tables) {
            doing("empty table " + table.name(), () -> {
                There there = there(table);
                if (there.triggers() && !replicaRole) {
                    throw ReplicatorException.fatal(
                            ErrorCode.PRIVILEGE,
                            "cannot empty table " + table.name() + " of database \"" + database + "\"",
                            "It has triggers or foreign keys, and the session may not set session_replication_role.",
                            "\"replicator check --sql\" prints the grant.");
                }
                String only =
                        (there.partitioned() ? "" : "ONLY ") + table.name().quoted();
                execute("LOCK TABLE " + only + " IN "
                        + (emptying == Emptying.TRUNCATE ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE") + " MODE");
                return there;
            });
        }
        String names = "";
        for (Table table : tables) {
            String only =
                    doing("look at table " + table.name(), () -> there(table)).partitioned() ? "" : "ONLY ";
            names += (names.isEmpty() ? "" : ", ") + only + table.name().quoted();
            if (emptying == Emptying.DELETE) {
                doing("empty table " + table.name(), () -> {
                    execute("DELETE FROM " + only + table.name().quoted());
                    return true;
                });
            }
        }
        if (emptying == Emptying.TRUNCATE && !names.isEmpty()) {
            truncate(names);
        }
    }

    private void truncate(String names) {
        try {
            execute("TRUNCATE " + names);
        } catch (SQLException e) {
            boolean referred = SqlErrors.state(e).equals("0A000");
            if (!referred) {
                throw SqlErrors.doing("empty tables on database \"" + database + "\"", e);
            }
            throw ReplicatorException.fatal(
                    ErrorCode.TARGET_REFUSED,
                    "cannot truncate tables of database \"" + database + "\"",
                    SqlErrors.text(e),
                    "Tables outside of the sync refer to them: write \"method: delete\" under fullcopy, or drop the"
                            + " foreign key there.");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public boolean takesBinary(Table table, List<Column> columns) {
        Map<String, Integer> types =
                doing("look at table " + table.name(), () -> there(table)).types();
        return columns.stream()
                .allMatch(column -> Integer.valueOf(column.typeOid()).equals(types.get(column.name()))
                        && TargetCatalog.isBuiltIn(column.typeOid()));
    }

    @Override
    public long load(Table table, CopyRows rows) {
        try {
            return CopyStream.into(connection, table.name().quoted(), CopyStream.columnList(rows), rows);
        } catch (SQLException e) {
            String doing = "copy table " + table.name() + " whole to database \"" + database + "\"";
            if (!WriteErrors.refusesRow(e)) {
                throw SqlErrors.doing(doing, e);
            }
            String constraint = WriteErrors.constraint(e);
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.TARGET_REFUSED,
                    "cannot " + doing,
                    (constraint == null ? "" : "Constraint \"" + constraint + "\". ") + SqlErrors.text(e),
                    "Make the columns and constraints there as they are on the source. What stood there before still does.",
                    null);
        }
    }

    @Override
    public Done finish(String source, int tables, long rows) {
        return doing("commit copied tables", () -> {
            Done done;
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE replicator.full_copy SET wanted = false, source = ?,"
                            + " finished_at = pg_catalog.clock_timestamp(), tables = ?, rows = ? WHERE sync = ?"
                            + " RETURNING wanted, source, finished_at, tables, rows")) {
                update.setString(1, source);
                update.setInt(2, tables);
                update.setLong(3, rows);
                update.setString(4, sync);
                try (ResultSet row = update.executeQuery()) {
                    if (!row.next()) {
                        throw ReplicatorException.retryable(
                                ErrorCode.TABLE,
                                "could not finish copying to database \"" + database + "\"",
                                "The sync was removed from it meanwhile.",
                                null);
                    }
                    done = record(row);
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            return done;
        });
    }

    @Override
    public void close() {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            // The session is given up either way.
        }
        Sessions.closeQuietly(connection);
    }
}
