package dev.replicator.postgres;

import dev.replicator.codec.MarkCodec;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableLoad;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whole tables for a PostgreSQL database: on a master under replication origins of ours, so that the rows are not taken
 * for changes made there.
 *
 * <p>When all is copied, a mark in a master's log says that every key of these tables was written: what applications did
 * to them there before is brought again, because the copied rows may stand over it or miss it.
 *
 * <p>Thread: one; each {@link LoadSession} has its own.
 */
final class PostgresLoad implements TableLoad {
    private static final String END_EARLIER = "SELECT pg_catalog.pg_terminate_backend(pid) FROM"
            + " pg_catalog.pg_stat_activity WHERE application_name = ? AND usename = current_user"
            + " AND datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()";
    private static final String HELD = "UPDATE replicator.progress SET held = ?::jsonb WHERE sync = ? AND held = '{}'";

    private final SyncSpec sync;
    private final int node;
    private final List<Table> tables;
    private final Connection connection;
    private final TableJoins joins;
    private long fence;

    private PostgresLoad(SyncSpec sync, int node, List<Table> tables, Connection connection) {
        this.sync = sync;
        this.node = node;
        this.tables = tables;
        this.connection = connection;
        this.joins = new TableJoins(connection, sync.name(), sources());
    }

    static PostgresLoad open(SyncSpec sync, int node, List<Table> tables) {
        DatabaseSpec spec = sync.node(node);
        Connection connection = Sessions.open(spec, "replicator " + sync.name() + " joins " + spec.name());
        try {
            ReplicatorSchema.install(connection, spec.name());
            // A server restored from elsewhere may have come back under the old address; of masters the reader sees to
            // it.
            if (node >= sync.sourceCount()) {
                DatabaseIdentity.verify(connection, spec.name(), sync.name(), false, false);
            }
            return new PostgresLoad(sync, node, tables, connection);
        } catch (ReplicatorException e) {
            Sessions.closeQuietly(connection);
            throw e;
        }
    }

    private List<String> sources() {
        return sync.sources().stream().map(DatabaseSpec::name).toList();
    }

    private String database() {
        return sync.node(node).name();
    }

    private boolean isMaster() {
        return sync.isMultiMaster() && node < sync.sourceCount();
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T doing(String what, Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw WriteErrors.FENCED.equals(SqlErrors.state(e))
                    ? WriteErrors.of(e, sync.name(), database(), null)
                    : SqlErrors.doing(what + " on database \"" + database() + "\"", e);
        }
    }

    @Override
    public List<TableJoin> joins() {
        return doing("read how tables joined sync \"" + sync.name() + "\"", () -> {
            joins.recordEarlier(tables);
            return joins.read();
        });
    }

    @Override
    public long start(long own) {
        return doing("take over sync \"" + sync.name() + "\"", () -> {
            Fence taken = new Fence(connection, sync.name(), database());
            taken.take(own);
            fence = taken.number();
            try (PreparedStatement end = connection.prepareStatement(END_EARLIER)) {
                end.setString(1, sessionName());
                end.executeQuery();
            }
            return fence;
        });
    }

    private String sessionName() {
        String name = "replicator " + sync.name() + " loads " + database();
        return name.length() > 63 ? name.substring(0, 63) : name;
    }

    @Override
    public Positions held() {
        return doing(
                "read progress",
                () -> Progress.read(connection, sync.name(), sources()).held());
    }

    @Override
    public boolean isEmpty(Table table) {
        return doing("look whether table " + table.name() + " is empty", () -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT NOT EXISTS (SELECT FROM " + table.name().quoted() + ")")) {
                return row.next() && row.getBoolean(1);
            }
        });
    }

    @Override
    public void record(TableJoin join, boolean emptied) {
        doing("record how table " + join.table() + " joins", () -> {
            boolean inOrigin = emptied && enterOrigin();
            connection.setAutoCommit(false);
            try {
                enter();
                if (emptied) {
                    Truncation.run(connection, List.of(table(join.table())));
                    dropQuarantined(join.table());
                }
                joins.write(join);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
                if (inOrigin) {
                    LoadOrigin.leave(connection);
                }
            }
            return join;
        });
    }

    /** The rows that come hold it. */
    private void dropQuarantined(TableName table) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM replicator.quarantine WHERE sync = ? AND schema_name = ? AND table_name = ?")) {
            delete.setString(1, sync.name());
            delete.setString(2, table.schema());
            delete.setString(3, table.name());
            delete.executeUpdate();
        }
    }

    private Table table(TableName name) {
        return tables.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ReplicatorException.bug("table " + name + " is not in the sync", sync.name()));
    }

    private void enter() throws SQLException {
        try (PreparedStatement enter = connection.prepareStatement("SELECT replicator.enter(?, ?)")) {
            enter.setString(1, sync.name());
            enter.setLong(2, fence);
            enter.execute();
        }
    }

    private boolean enterOrigin() throws SQLException {
        ReplicaRole.take(connection);
        boolean entered = LoadOrigin.enter(connection, ServerNames.origin(sync.name(), database()), 0);
        if (!entered && isMaster()) {
            throw originMissing(database());
        }
        return entered;
    }

    static ReplicatorException originMissing(String database) {
        return ReplicatorException.fatal(
                ErrorCode.PRIVILEGE,
                "cannot copy rows to master \"" + database + "\"",
                "Without a replication origin they would be taken for changes made there, and the role may not use one.",
                "GRANT EXECUTE on the pg_replication_origin_* functions (\"replicator check --sql\" prints it), or bring the"
                        + " rows there yourself and set initial_copy: never.");
    }

    @Override
    public Session session(int number) {
        return LoadSession.open(
                new LoadSession.Place(sync.node(node), sync.name(), sessionName(), isMaster(), fence, sources()),
                number);
    }

    @Override
    public void finish(Map<TableName, Positions> copied, @Nullable Positions whole, long highest) {
        doing("record that tables were copied", () -> {
            LoadOrigin.dropExtra(connection, ServerNames.origin(sync.name(), database()));
            connection.setAutoCommit(false);
            try {
                execute("SET LOCAL synchronous_commit = on");
                enter();
                joins.finished(copied);
                if (whole != null) {
                    try (PreparedStatement update = connection.prepareStatement(HELD)) {
                        update.setString(1, Vectors.json(sources(), whole));
                        update.setString(2, sync.name());
                        update.executeUpdate();
                    }
                }
                if (isMaster()) {
                    mark(copied.keySet(), highest);
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
            return fence;
        });
    }

    /** Says what it holds by now, and that all keys of the tables were written. */
    private void mark(Set<TableName> copied, long highest) throws SQLException {
        Positions held = Progress.read(connection, sync.name(), sources()).held();
        Marks marks =
                new Marks(new MarkCodec(sync.name(), MarkSecret.of(connection, sync.name())), sync.name(), sources());
        marks.begin(new MarkNumber(fence, 1), highest, held, false);
        copied.forEach(marks::truncated);
        Script script = new Script();
        marks.emitLast(script);
        new Pipe(connection).run(script);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        Sessions.closeQuietly(connection);
    }
}
