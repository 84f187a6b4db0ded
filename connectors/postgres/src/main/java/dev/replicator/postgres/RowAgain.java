package dev.replicator.postgres;

import dev.replicator.model.Column;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.TargetTable.TargetColumn;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes columns of a row once more, with the values that stand there, outside of any replication origin: so that the log
 * has them, and the row goes to all others whole. The values travel to us and back, for an UPDATE on the server alone
 * would keep a value that is stored out of line where it is, and not log it. Triggers do not fire, where that may be
 * turned off.
 *
 * <p>Thread: that of the connection, which is not the one that batches are written through. Source: PostgreSQL's {@code
 * toast_tuple_init}.
 */
final class RowAgain {
    private static final String ENTER = "SELECT replicator.enter(?, ?)";

    private final Connection connection;
    private final String sync;
    private final long fence;
    private final Shapes shapes;

    RowAgain(Connection connection, String sync, long fence, Shapes shapes) {
        this.connection = connection;
        this.sync = sync;
        this.fence = fence;
        this.shapes = shapes;
    }

    /** Those columns that {@code row} lacks, of the row with its key; false: others hold a lock on it. */
    boolean write(Row row) throws SQLException {
        Shape byKey = shapes.of(Operation.Kind.DELETE, row);
        List<TargetColumn> columns = lacking(row, byKey.table());
        withoutTriggers();
        try {
            Pipe pipe = new Pipe(connection);
            Script script = new Script();
            script.add("BEGIN");
            script.add("SET LOCAL synchronous_commit = on");
            script.add("SET LOCAL lock_timeout = '500ms'");
            script.add(ENTER, Parameter.text(sync), Parameter.int8(fence));
            List<String> values = columns.stream()
                    .map(column -> "t." + column.quoted() + "::text")
                    .toList();
            script.add(ShapeSql.select(byKey, String.join(", ", values)) + " FOR UPDATE", byKey.singleParameters(row));
            Pipe.Reply standing = pipe.run(script).get(4);
            if (standing.count() > 0 && !columns.isEmpty()) {
                update(script, byKey, row, columns, standing);
            }
            script.add("COMMIT");
            pipe.run(script);
            return true;
        } catch (SQLException e) {
            String state = SqlErrors.state(e);
            if (state.equals("55P03") || state.equals("40P01")) {
                return false;
            }
            throw e;
        }
    }

    private static void update(Script script, Shape byKey, Row row, List<TargetColumn> columns, Pipe.Reply standing) {
        List<String> sets = new ArrayList<>();
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            sets.add(columns.get(i).quoted() + " = ?::" + columns.get(i).castType());
            parameters.add(Parameter.text(standing.text(i)));
        }
        parameters.addAll(byKey.singleParameters(row));
        script.add(
                "UPDATE " + byKey.table().quoted() + " AS t SET " + String.join(", ", sets) + " WHERE "
                        + ShapeSql.key(byKey),
                parameters);
    }

    private static List<TargetColumn> lacking(Row row, TargetTable table) {
        List<TargetColumn> columns = new ArrayList<>();
        for (int c = 0; c < row.relation().size(); c++) {
            Column column = row.relation().columns().get(c);
            TargetColumn found = table.columns().get(column.name());
            if (row.isAbsent(c) && found != null && !found.generated() && !found.isNeverUpdated()) {
                columns.add(found);
            }
        }
        return columns;
    }

    private void withoutTriggers() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
        } catch (SQLException e) {
            if (!SqlErrors.state(e).equals("42501")) {
                throw e;
            }
        }
    }
}
