package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.model.TableName;
import dev.replicator.postgres.TargetTable.Unique;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Checks unique constraints that are DEFERRABLE, which PostgreSQL itself does not check for what batches write: it does so
 * by triggers, and those do not fire under {@code session_replication_role = replica}.
 *
 * <p>Limits: not DEFERRABLE exclusion constraints. Thread: the target's. Source: PostgreSQL's {@code unique_key_recheck}.
 */
final class DeferrableUniques {
    private final Conversation conversation;
    private final Shapes shapes;

    DeferrableUniques(Conversation conversation, Shapes shapes) {
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
            for (Unique unique : table.deferrable()) {
                any = true;
                Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
                conversation.add(
                        select(byKey, unique),
                        byKey.singleParameters(operation.requireRow()),
                        reply -> violation.note(reply.count(), table, unique));
                conversation.flushIfLarge();
            }
        }
        if (any) {
            conversation.flush();
            violation.raise();
        }
    }

    private static String select(Shape byKey, Unique unique) {
        List<String> equal = new ArrayList<>();
        unique.operators().forEach((column, operator) -> {
            String quoted = TableName.quote(column);
            equal.add("o." + quoted + " " + operator + " t." + quoted);
        });
        return ShapeSql.select(byKey, "1") + " AND EXISTS (SELECT FROM "
                + byKey.table().quoted() + " AS o WHERE " + String.join(" AND ", equal)
                + " AND (o.tableoid, o.ctid) <> (t.tableoid, t.ctid))";
    }

    /** The first one that was found. */
    private static final class Violation {
        private @Nullable String message;

        void note(long rows, TargetTable table, Unique unique) {
            if (rows > 0 && message == null) {
                TableName name = table.table().name();
                message = "SERROR\0C23505\0Mduplicate key value violates unique constraint \"" + unique.name() + "\"\0s"
                        + name.schema() + "\0t" + name.name() + "\0n" + unique.name() + "\0";
            }
        }

        void raise() throws SQLException {
            if (message != null) {
                throw new PSQLException(new ServerErrorMessage(message));
            }
        }
    }
}
