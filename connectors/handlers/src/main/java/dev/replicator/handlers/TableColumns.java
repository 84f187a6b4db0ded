package dev.replicator.handlers;

import dev.replicator.model.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one table, as handlers are checked against them: those that are written, so without generated ones.
 *
 * @param columns in the table's order
 */
public record TableColumns(TableName table, List<ColumnType> columns) {
    public TableColumns {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param name the catalog name
     * @param type the type beneath domains, without quotes: {@code int4}, {@code _text} for an array, {@code enum}
     * @param declared the type as declared, for messages ({@code numeric(10,2)})
     * @param typmod the type modifier, or -1
     * @param nullable whether it takes null
     * @param key whether it belongs to the row's key
     * @param labels of an enum, else empty
     */
    public record ColumnType(
            String name, String type, String declared, int typmod, boolean nullable, boolean key, List<String> labels) {
        public ColumnType {
            labels = List.copyOf(labels);
        }
    }

    /** The column of that name, or null. */
    public @Nullable ColumnType column(String name) {
        return byName().get(name);
    }

    /** By name, in the table's order. */
    public Map<String, ColumnType> byName() {
        Map<String, ColumnType> byName = new LinkedHashMap<>();
        columns.forEach(column -> byName.put(column.name(), column));
        return byName;
    }
}
