package dev.replicator.spi;

import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change that a database refused and that was put aside; or a row whose parent a change has deleted.
 *
 * @param refused the change; an UPDATE carries only some columns. Of a row without its parent an UPSERT of it
 * @param row the row as it would be (as it is, of one without its parent): whole, values as text
 * @param sqlState of the violation
 * @param constraint the constraint or unique index, if one is to blame
 * @param others an UPSERT of a row in the way, as it stands there; a DELETE of the parent that is gone, with its last
 *     values: whole, values as text
 * @param columns of a row without its parent, those that refer to it
 * @param commitMicros when the change was committed, microseconds since 1970; 0: unknown
 */
public record Refusal(
        Operation refused,
        Row row,
        String sqlState,
        @Nullable String constraint,
        List<Operation> others,
        List<String> columns,
        long commitMicros) {
    /** The SQLSTATE of a row whose parent is missing. */
    public static final String FOREIGN_KEY = "23503";

    public Refusal {
        others = List.copyOf(others);
        columns = List.copyOf(columns);
    }

    /** Whether it is a row whose parent is gone: nothing was put aside then. */
    public boolean isOrphan() {
        return !columns.isEmpty();
    }
}
