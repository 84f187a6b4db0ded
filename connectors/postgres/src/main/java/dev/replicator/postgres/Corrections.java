package dev.replicator.postgres;

import dev.replicator.model.Conflict;
import dev.replicator.model.Lsn;
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
        script.add(DECIDE, Parameter.text(correction.id()), Parameter.text(sync), Parameter.text(correction.reason()));
        try {
            if (pipe.run(script).get(3).count() == 0) {
                return end("ROLLBACK", Correction.Result.MADE_BEFORE);
            }
            if (!standsAsLookedAt(correction, pipe)) {
                return end("ROLLBACK", Correction.Result.ROW_DIFFERS);
            }
            if (!isMissing(correction, pipe)) {
                return end("ROLLBACK", Correction.Result.STILL_THERE);
            }
            for (Operation change : correction.changes()) {
                if (!make(change, pipe, triggersFire)) {
                    return end("ROLLBACK", Correction.Result.REFUSED);
                }
            }
            for (Conflict conflict : correction.conflicts()) {
                ConflictWriter.write(script, sync, identified(conflict, pipe));
                pipe.run(script);
            }
            return end("COMMIT", Correction.Result.MADE);
        } catch (SQLException e) {
            if (!WriteErrors.refusesRow(e)) {
                throw e;
            }
            return end("ROLLBACK", Correction.Result.REFUSED);
        }
    }

    /** Locks the rows that stand. */
    private boolean standsAsLookedAt(Correction correction, Pipe pipe) throws SQLException {
        Script script = new Script();
        for (Operation standing : correction.standing()) {
            Where row = where(standing);
            script.add(
                    "SELECT FROM " + row.table() + " AS t WHERE " + row.condition() + " FOR UPDATE", row.parameters());
            if (pipe.run(script).get(0).count() == 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isMissing(Correction correction, Pipe pipe) throws SQLException {
        Script script = new Script();
        for (Operation missing : correction.missing()) {
            Shape byKey = shapes.of(Operation.Kind.DELETE, missing.requireRow());
            script.add(ShapeSql.select(byKey, "1"), byKey.singleParameters(missing.requireRow()));
            if (pipe.run(script).get(0).count() > 0) {
                return false;
            }
        }
        return true;
    }

    /** Says whether the database takes it. */
    private boolean make(Operation change, Pipe pipe, boolean triggersFire) throws SQLException {
        Script script = new Script();
        Shape byKey = shapes.of(Operation.Kind.DELETE, change.requireRow());
        List<Parameter> key = byKey.singleParameters(change.requireRow());
        if (change.kind() == Operation.Kind.DELETE) {
            String table = byKey.table().quoted();
            if (!triggersFire && !new ForeignKeys(connection).beforeDelete(table, ShapeSql.key(byKey), key)) {
                return false;
            }
            script.add("DELETE FROM " + table + " AS t WHERE " + ShapeSql.key(byKey), key);
            pipe.run(script);
            return true;
        }
        // Not as an upsert alone: columns that are not carried may be such that no row can be inserted without them.
        for (Operation.Kind kind : List.of(Operation.Kind.UPDATE, Operation.Kind.UPSERT)) {
            Shape carried = shapes.of(kind, change.requireRow());
            script.add(carried.single(), carried.singleParameters(change.requireRow()));
            if (pipe.run(script).get(0).count() > 0) {
                break;
            }
        }
        return true;
    }

    /** Where the discarded change is no longer known, its entry is known by where the log stands now. */
    private static Conflict identified(Conflict conflict, Pipe pipe) throws SQLException {
        Conflict.Side loser = conflict.loser();
        if (loser.commitLsn() != 0) {
            return conflict;
        }
        Script script = new Script();
        script.add("SELECT pg_catalog.pg_current_wal_insert_lsn()");
        long now = Lsn.parse(String.valueOf(pipe.run(script).get(0).text(0))).value();
        return new Conflict(
                conflict.type(),
                new Conflict.Side(loser.database(), now, loser.commitMicros(), loser.kind(), loser.key(), loser.row()),
                conflict.winner(),
                conflict.policy(),
                conflict.reason());
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
        Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
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
