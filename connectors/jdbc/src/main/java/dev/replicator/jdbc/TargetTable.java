package dev.replicator.jdbc;

import dev.replicator.model.Table;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as the target has it.
 *
 * @param table the replicated table
 * @param name what it is called there
 * @param sqlName the same, quoted
 * @param columns by the source's names
 * @param otherUnique whether a unique constraint or index exists besides the key
 * @param keyed whether the key's columns are unique there
 * @param unfilled columns that nothing is written into, that refuse NULL and have no default
 */
record TargetTable(
        Table table,
        String name,
        String sqlName,
        Map<String, TargetColumn> columns,
        boolean otherUnique,
        boolean keyed,
        List<String> unfilled) {
    TargetTable {
        columns = Map.copyOf(columns);
        unfilled = List.copyOf(unfilled);
    }

    /** By the source's name. */
    TargetColumn column(String source) {
        TargetColumn column = columns.get(source);
        if (column == null) {
            throw new IllegalStateException("no column \"" + source + "\" in " + sqlName);
        }
        return column;
    }

    @Nullable
    TargetColumn find(String source) {
        return columns.get(source);
    }
}
