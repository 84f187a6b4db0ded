package dev.replicator.postgres;

import dev.replicator.model.Table;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.TableJoin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * Has tables of a database that only receives copied once more: that is recorded there, and the session that writes
 * batches is ended. The next one begins with emptying and copying them.
 *
 * <p>Thread: that of the connection, which has to be in auto-commit mode.
 */
public final class CopyRequest {
    private static final String ENTER =
            "SELECT replicator.enter(p.sync, p.fence) FROM replicator.progress p WHERE p.sync = ?";
    private static final String END_SESSION = "SELECT pg_catalog.pg_terminate_backend(a.pid)"
            + " FROM replicator.progress p JOIN pg_catalog.pg_stat_activity a"
            + " ON a.pid = p.pid AND a.backend_start = p.backend_start WHERE p.sync = ?";

    private final Connection connection;
    private final String database;
    private final String sync;

    /** {@code database}: its short name, for messages. */
    public CopyRequest(Connection connection, String database, String sync) {
        this.connection = connection;
        this.database = database;
        this.sync = sync;
    }

    /** Asks for the rows from {@code source}. */
    public void make(List<Table> tables, String source) {
        try {
            connection.setAutoCommit(false);
            try {
                call(ENTER);
                TableJoins joins = new TableJoins(connection, sync, List.of());
                for (Table table : tables) {
                    joins.write(new TableJoin(table.name(), TableJoin.State.REQUESTED, source, List.of()));
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
            call(END_SESSION);
        } catch (SQLException e) {
            throw SqlErrors.doing("have tables of database \"" + database + "\" copied", e);
        }
    }

    /** How many of the sync's tables are still being copied. */
    public int unfinished() {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT count(*) FROM replicator.table_join WHERE sync = ? AND state IN ('requested', 'copying')")) {
            select.setString(1, sync);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("ask database \"" + database + "\" what is being copied", e);
        }
    }

    private void call(String sql) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(sql)) {
            call.setString(1, sync);
            call.execute();
        }
    }
}
