package dev.replicator.postgres;

import dev.replicator.model.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * Writes many upserts of one shape as what they mostly are, inserts: by COPY in binary form, two to three times as fast.
 *
 * <p>Design: no savepoint is set, which would give the rows another transaction id than their batch's, and cost
 * everybody. If a row is there already the server refuses, the batch is made once more from its start, and the table
 * rests: its next upserts go as upserts, after every refusal for twice as long. A table whose rows are updated thus loses
 * a batch in a thousand. A COPY that succeeds has met no row, as the key's unique index says.
 *
 * <p>Only for binary values whose type is the column's own: nothing is cast. Thread: the target's.
 */
final class CopyWriter {
    /** For fewer rows the two more round trips are not worth it. */
    private static final int LEAST_ROWS = 100;

    private static final int FIRST_REST = 16;
    private static final int LONGEST_REST = 1 << 14;
    private final CopyManager manager;
    private final Map<String, Rest> rests = new HashMap<>();
    private final CopyRows encoded = new CopyRows();
    private @Nullable String writing;

    /** For how many more batches a table does not go by COPY, and for how many after the next refusal. */
    private static final class Rest {
        private int left;
        private int next = FIRST_REST;
    }

    CopyWriter(Connection connection) throws SQLException {
        this.manager = connection.unwrap(PGConnection.class).getCopyAPI();
    }

    /** Another batch begins; not to be called when the same is made once more. */
    void nextBatch() {
        rests.values().forEach(rest -> rest.left = Math.max(0, rest.left - 1));
    }

    /** Whether these upserts are to go by COPY. */
    boolean takes(Shape shape, int rows) {
        if (rows < LEAST_ROWS || !shape.canCopy()) {
            return false;
        }
        Rest rest = rests.get(shape.table().quoted());
        return rest == null || rest.left == 0;
    }

    /** Writes them; how many rows there were. What was said before must have been sent. */
    long write(Shape shape, List<Operation> operations) throws SQLException {
        writing = shape.table().quoted();
        CopyIn copy = manager.copyIn(shape.copy());
        try {
            encoded.write(shape, operations, (bytes, length) -> copy.writeToCopy(bytes, 0, length));
            long rows = copy.endCopy();
            writing = null;
            return rows;
        } catch (SQLException e) {
            end(copy, e);
            throw e;
        }
    }

    /** The server may have refused a row while others were still being sent. */
    private static void end(CopyIn copy, SQLException failure) {
        if (copy.isActive()) {
            try {
                copy.cancelCopy();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** Whether it was a COPY that failed, for a reason that an upsert may not have; its table rests then. */
    boolean isRefused(SQLException e) {
        String table = writing;
        writing = null;
        if (table == null || !(WriteErrors.refusesRow(e) || WriteErrors.isUnsupported(e))) {
            return false;
        }
        Rest rest = rests.computeIfAbsent(table, name -> new Rest());
        rest.left = rest.next;
        rest.next = Math.min(LONGEST_REST, rest.next * 2);
        return true;
    }
}
