package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.model.TableName;
import dev.replicator.postgres.TargetTable.Deferrable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Checks unique and exclusion constraints that are DEFERRABLE, which PostgreSQL itself does not check for what batches
 * write: it does so by triggers, and those do not fire under {@code session_replication_role = replica}.
 *
 * <p>Thread: the target's. Source: PostgreSQL's {@code unique_key_recheck}.
 */
final class DeferrableConstraints {
    private final Conversation conversation;
    private final Shapes shapes;

    DeferrableConstraints(Conversation conversation, Shapes shapes) {
        this.conversation = conversation;
        this.shapes = shapes;
    }

    /**
     * Fails as the server would when a row of these operations, as it stands now, has the values of another row. Sends
     * what was collected.
     */
    void check(List<Operation> written) throws SQLException {
        boolean any = false;
        Violation violation = new Violation();
        for (Operation operation : written) {
            if (operation.kind() == Operation.Kind.DELETE || operation.kind() == Operation.Kind.TRUNCATE) {
                continue;
            }
            TargetTable table = shapes.table(operation.table());
            for (Deferrable constraint : table.deferrable()) {
                any = true;
                Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
                conversation.add(
                        select(byKey, constraint),
                        byKey.singleParameters(operation.requireRow()),
                        reply -> violation.note(reply.count(), table, constraint));
                conversation.flushIfLarge();
            }
        }
        if (any) {
            conversation.flush();
            violation.raise();
        }
    }

    /** A row of the key, if another one is in its way. */
    private static String select(Shape byKey, Deferrable constraint) {
        List<String> parts = new ArrayList<>();
        List<String> clash = new ArrayList<>();
        for (int i = 0; i < constraint.parts().size(); i++) {
            TargetTable.Part part = constraint.parts().get(i);
            parts.add("(" + part.expression() + ") AS replicator_" + i);
            clash.add("o.replicator_" + i + " " + part.operator() + " n.replicator_" + i);
        }
        String where = constraint.predicate() == null ? "" : " WHERE " + constraint.predicate();
        String columns =
                "SELECT tableoid AS replicator_table, ctid AS replicator_row, " + String.join(", ", parts) + " FROM ";
        return "SELECT 1 FROM (" + columns + "(" + ShapeSql.select(byKey, "t.tableoid, t.ctid, t.*") + ") r" + where
                + ") n WHERE EXISTS (SELECT FROM (" + columns + byKey.table().quoted() + where + ") o WHERE "
                + String.join(" AND ", clash)
                + " AND (o.replicator_table, o.replicator_row) <> (n.replicator_table, n.replicator_row))";
    }

    /** The first one that was found. */
    private static final class Violation {
        private @Nullable String message;

        void note(long rows, TargetTable table, Deferrable constraint) {
            if (rows > 0 && message == null) {
                TableName name = table.table().name();
                String what = constraint.exclusion()
                        ? "C23P01\0Mconflicting key value violates exclusion constraint"
                        : "C23505\0Mduplicate key value violates unique constraint";
                message = "SERROR\0" + what + " \"" + constraint.name() + "\"\0s" + name.schema() + "\0t" + name.name()
                        + "\0n" + constraint.name() + "\0";
            }
        }

        void raise() throws SQLException {
            if (message != null) {
                throw new PSQLException(new ServerErrorMessage(message));
            }
        }
    }
}
