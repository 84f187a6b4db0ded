package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Positions;
import dev.replicator.model.ServerNames;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.postgres.TargetTable.TargetColumn;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.TableLoad;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A session that loads ranges: COPY into the table, and the note that the range is there, in one transaction under the
 * fence. Where a row is there already, COPY is refused, and the range comes once more, by way of a temporary table.
 *
 * <p>Thread: one; {@link #close} may be called by another.
 */
final class LoadSession implements TableLoad.Session {
    private static final String STAGE = "pg_temp.replicator_copy";

    private final Place place;
    private final Connection connection;
    private final boolean inOrigin;
    private final boolean replicaRole;
    private final TargetCatalog catalog;
    private final Map<Integer, TargetTable> tables = new HashMap<>();

    /** What a session is opened for. */
    record Place(DatabaseSpec database, String sync, String name, boolean master, long fence, List<String> sources) {}

    private LoadSession(Place place, Connection connection, boolean inOrigin, boolean replicaRole) {
        this.place = place;
        this.connection = connection;
        this.inOrigin = inOrigin;
        this.replicaRole = replicaRole;
        this.catalog = new TargetCatalog(connection, place.database().name());
    }

    static LoadSession open(Place place, int number) {
        Connection connection = Sessions.open(
                place.database(),
                place.name(),
                Map.of("synchronous_commit", "off", "client_connection_check_interval", "5s"));
        try {
            boolean replicaRole = ReplicaRole.take(connection);
            String origin = ServerNames.origin(place.sync(), place.database().name());
            boolean inOrigin = LoadOrigin.enter(connection, origin, number);
            if (!inOrigin && place.master()) {
                throw PostgresLoad.originMissing(place.database().name());
            }
            return new LoadSession(place, connection, inOrigin, replicaRole);
        } catch (SQLException e) {
            Sessions.closeQuietly(connection);
            throw SqlErrors.doing(
                    "open a session on database \"" + place.database().name() + "\"", e);
        } catch (ReplicatorException e) {
            Sessions.closeQuietly(connection);
            throw e;
        }
    }

    @Override
    public boolean takesBinary(Table table, List<Column> columns) {
        try {
            TargetTable target = target(table);
            for (Column column : columns) {
                TargetColumn there = target.columns().get(column.name());
                if (there == null || there.typeOid() != column.typeOid() || !TargetCatalog.isBuiltIn(there.typeOid())) {
                    return false;
                }
            }
            return true;
        } catch (SQLException e) {
            throw failed(table, e);
        }
    }

    private TargetTable target(Table table) throws SQLException {
        TargetTable target = tables.get(table.id());
        if (target == null) {
            target = catalog.load(table);
            if (target.hasTriggers() && !replicaRole) {
                throw ReplicatorException.fatal(
                        ErrorCode.PRIVILEGE,
                        "cannot copy table " + table.name() + " to database \""
                                + place.database().name() + "\"",
                        "It has triggers or foreign keys, and the session may not set session_replication_role.",
                        "\"replicator check --sql\" prints the grant.");
            }
            tables.put(table.id(), target);
        }
        return target;
    }

    @Override
    public long load(Table table, CopyRange range, Positions held, CopyRows rows) {
        try {
            TargetTable target = target(table);
            try {
                return attempt(target, range, held, rows, false);
            } catch (SQLException e) {
                execute("ROLLBACK");
                if (!WriteErrors.isUnique(e)) {
                    throw e;
                }
                return attempt(target, range, held, rows, true);
            }
        } catch (SQLException e) {
            throw failed(table, e);
        }
    }

    private ReplicatorException failed(Table table, SQLException e) {
        String doing = "copy table " + table.name() + " to database \""
                + place.database().name() + "\"";
        if (WriteErrors.refusesRow(e)) {
            String constraint = WriteErrors.constraint(e);
            return new ReplicatorException(
                    ReplicatorException.Kind.POISON,
                    ErrorCode.TARGET_REFUSED,
                    "cannot " + doing,
                    (constraint == null ? "" : "Constraint \"" + constraint + "\". ") + SqlErrors.text(e),
                    "Make the columns and constraints there as they are on the source, or remove the rows that are in the"
                            + " way. It is tried again by itself.",
                    null);
        }
        return WriteErrors.FENCED.equals(SqlErrors.state(e))
                ? WriteErrors.of(e, place.sync(), place.database().name(), null)
                : SqlErrors.doing(doing, e);
    }

    private long attempt(TargetTable target, CopyRange range, Positions held, CopyRows rows, boolean staged)
            throws SQLException {
        execute("BEGIN");
        if (inOrigin) {
            execute("SELECT pg_catalog.pg_replication_origin_xact_setup('0/0', pg_catalog.clock_timestamp())");
        }
        String columns = CopyStream.columnList(rows);
        long count;
        if (staged) {
            execute("CREATE TEMPORARY TABLE replicator_copy ON COMMIT DROP AS SELECT " + columns + " FROM "
                    + target.quoted() + " WITH NO DATA");
            count = CopyStream.into(connection, STAGE, columns, rows);
            execute("INSERT INTO " + target.quoted() + " AS t (" + columns + ") OVERRIDING SYSTEM VALUE SELECT "
                    + columns + " FROM " + STAGE + onConflict(target, rows.columns()));
        } else {
            count = CopyStream.into(connection, target.quoted(), columns, rows);
        }
        noted(target.table().name(), range, count, held);
        execute("COMMIT");
        return count;
    }

    /** On a master what stands there was changed there since, and goes to all others. */
    private String onConflict(TargetTable target, List<Column> columns) {
        String set = columns.stream()
                .map(Column::name)
                .filter(name ->
                        !target.isKey(name) && isUpdated(target.columns().get(name)))
                .map(name -> TableName.quote(name) + " = excluded." + TableName.quote(name))
                .collect(Collectors.joining(", "));
        String conflict = " ON CONFLICT (" + target.keyList() + ") DO ";
        return conflict + (place.master() || set.isEmpty() ? "NOTHING" : "UPDATE SET " + set);
    }

    private static boolean isUpdated(@Nullable TargetColumn column) {
        return column != null && !column.isNeverUpdated();
    }

    private void noted(TableName table, CopyRange range, long count, Positions held) throws SQLException {
        try (PreparedStatement enter = connection.prepareStatement("SELECT replicator.enter(?, ?)")) {
            enter.setString(1, place.sync());
            enter.setLong(2, place.fence());
            enter.execute();
        }
        try (PreparedStatement update = connection.prepareStatement(TableJoins.RANGE_DONE)) {
            update.setLong(1, count);
            update.setString(2, Vectors.json(place.sources(), held));
            update.setString(3, place.sync());
            update.setString(4, table.schema());
            update.setString(5, table.name());
            update.setInt(6, range.number());
            if (update.executeUpdate() != 1) {
                throw ReplicatorException.retryable(
                        ErrorCode.TABLE,
                        "could not go on copying table " + table + ": it was asked for anew meanwhile",
                        null,
                        null);
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
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
