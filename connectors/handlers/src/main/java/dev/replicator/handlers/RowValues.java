package dev.replicator.handlers;

import dev.replicator.codec.TypedValue;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.Row;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row as a read-only map from column names to values; a value is read when it is asked for. A column that cannot be read
 * (an unchanged large value that is not in the log, say) throws {@link HandlerFailure} then, and only then.
 */
final class RowValues extends AbstractMap<String, @Nullable Object> {
    private final Row row;
    private final Map<String, ColumnType> columns;

    RowValues(Row row, Map<String, ColumnType> columns) {
        this.row = row;
        this.columns = columns;
    }

    @Override
    public boolean containsKey(Object column) {
        return column instanceof String name && columns.containsKey(name);
    }

    @Override
    public @Nullable Object get(Object column) {
        ColumnType type = column instanceof String name ? columns.get(name) : null;
        return type == null ? null : value(type);
    }

    private @Nullable Object value(ColumnType type) {
        int at = row.relation().indexOf(type.name());
        if (at < 0 || row.isAbsent(at)) {
            throw new HandlerFailure("column \"" + type.name() + "\" is not in the log of this change");
        }
        try {
            return row.isNull(at) ? null : TypedValue.of(type.type(), row, at);
        } catch (IllegalArgumentException e) {
            throw new HandlerFailure(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Set<Map.Entry<String, @Nullable Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, @Nullable Object>> iterator() {
                Iterator<ColumnType> types = columns.values().iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return types.hasNext();
                    }

                    @Override
                    public Map.Entry<String, @Nullable Object> next() {
                        ColumnType type = types.next();
                        return new SimpleImmutableEntry<>(type.name(), value(type));
                    }
                };
            }

            @Override
            public int size() {
                return columns.size();
            }
        };
    }
}
