package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.Correction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes changes of our own on a master: outside of any replication origin and with triggers and foreign keys in force, as
 * an application would, so that they are read from the log and go to all others. Each is made once, because the decision
 * it follows from is stored in the same transaction. On PostgreSQL 14 an ordinary role that applies batches cannot have
 * triggers fire; there foreign keys are followed by {@link ForeignKeys}.
 *
 * <p>Thread: that of the connection, which is not the one that batches are written through.
 */
final class Corrections {
    private static final String ENTER = "SELECT replicator.enter(?, ?)";
    private static final String DECIDE =
            "INSERT INTO replicator.decision (id, sync, reason) VALUES (?, ?, ?)" + " ON CONFLICT (id) DO NOTHING";

    private final Connection connection;
    private final String sync;
    private final long fence;
    private final Shapes shapes;

    Corrections(Connection connection, String sync, long fence, Shapes shapes) {
        this.connection = connection;
        this.sync = sync;
        this.fence = fence;
        this.shapes = shapes;
    }

    Correction.Result make(Correction correction) throws SQLException {
        Pipe pipe = new Pipe(connection);
        boolean triggersFire = triggersFire();
        Script script = new Script();
        script.add("BEGIN");
        script.add("SET LOCAL synchronous_commit = on");
        script.add(ENTER, Parameter.text(sync), Parameter.int8(fence));
        script.add(
                DECIDE,
                Parameter.text(correction.id()),
                Parameter.text(sync),
                Parameter.text(correction.conflict().reason()));
        try {
            if (pipe.run(script).get(3).count() == 0) {
                return end("ROLLBACK", Correction.Result.MADE_BEFORE);
            }
            Where row = where(correction.delete());
            script.add(
                    "SELECT FROM " + row.table() + " AS t WHERE " + row.condition() + " FOR UPDATE", row.parameters());
            if (pipe.run(script).get(0).count() == 0) {
                return end("ROLLBACK", Correction.Result.ROW_DIFFERS);
            }
            if (!triggersFire
                    && !new ForeignKeys(connection).beforeDelete(row.table(), row.condition(), row.parameters())) {
                return end("ROLLBACK", Correction.Result.REFUSED);
            }
            script.add("DELETE FROM " + row.table() + " AS t WHERE " + row.condition(), row.parameters());
            pipe.run(script);
            ConflictWriter.write(script, sync, correction.conflict());
            pipe.run(script);
            return end("COMMIT", Correction.Result.MADE);
        } catch (SQLException e) {
            if (!WriteErrors.refusesRow(e)) {
                throw e;
            }
            return end("ROLLBACK", Correction.Result.REFUSED);
        }
    }

    private Correction.Result end(String how, Correction.Result result) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(how);
            return result;
        } catch (SQLException e) {
            // Deferred constraints are checked only now.
            if (SqlErrors.state(e).startsWith("23")) {
                return Correction.Result.REFUSED;
            }
            throw e;
        }
    }

    private boolean triggersFire() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = origin");
            return true;
        } catch (SQLException e) {
            if (!SqlErrors.state(e).equals("42501")) {
                throw e;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW session_replication_role")) {
            return row.next() && !row.getString(1).equals("replica");
        }
    }

    /** A row by its key and by all values that are known of it. */
    private record Where(String table, String condition, List<Parameter> parameters) {}

    /** Values are compared as text: not every type has an equality. */
    private Where where(Operation operation) throws SQLException {
        Shape byKey = shapes.of(operation);
        Shape carried = shapes.of(Operation.Kind.UPSERT, operation.requireRow());
        StringBuilder sql = new StringBuilder(ShapeSql.key(byKey));
        List<Parameter> parameters = new ArrayList<>(byKey.singleParameters(operation.requireRow()));
        for (Shape.Carried column : carried.columns()) {
            sql.append(" AND t.")
                    .append(column.target().quoted())
                    .append("::text IS NOT DISTINCT FROM ?::")
                    .append(column.target().castType())
                    .append("::text");
        }
        parameters.addAll(carried.singleParameters(operation.requireRow()));
        return new Where(byKey.table().quoted(), sql.toString(), parameters);
    }
}
