package dev.replicator.handlers;

import dev.replicator.codec.KeyCodec;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.RowChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes of what an exception handler returns operations on the tables of a sync, checked against their columns: what a
 * database would refuse is a {@link HandlerFailure} here. Immutable; any thread.
 */
public final class ExceptionTables {
    private static final int TEXT = 25;

    private final Map<TableName, Known> tables;

    /** A table and its columns. */
    public record Known(Table table, TableColumns columns) {}

    /** {@code tables}: all that the sync replicates. */
    public ExceptionTables(Map<TableName, Known> tables) {
        this.tables = Map.copyOf(tables);
    }

    /** The columns of a table, by name. */
    Map<String, ColumnType> columns(TableName table) {
        return known(table).columns().byName();
    }

    private Known known(TableName table) {
        Known known = tables.get(table);
        if (known == null) {
            throw new HandlerFailure("it changes table " + table + ", which the sync does not replicate");
        }
        return known;
    }

    Operation operation(RowChange change) {
        boolean upsert = change instanceof RowChange.Upsert;
        Map<String, @Nullable Object> values =
                change instanceof RowChange.Upsert whole ? whole.row() : ((RowChange.Delete) change).key();
        Known known = known(change.table());
        Map<String, ColumnType> types = known.columns().byName();
        for (String name : values.keySet()) {
            if (!types.containsKey(name)) {
                throw new HandlerFailure(
                        "it sets column \"" + name + "\", which table " + change.table() + " does not have");
            }
        }
        List<Column> columns = new ArrayList<>();
        types.forEach((name, type) -> columns.add(new Column(name, TEXT, type.declared(), -1)));
        Row.Builder row = new Row.Builder(new Relation(known.table(), columns));
        types.forEach((name, type) -> {
            @Nullable Object value = values.get(name);
            if (type.key() && value == null) {
                throw new HandlerFailure("it does not say the key of a row of table " + change.table());
            }
            if (!values.containsKey(name) || !upsert && !type.key()) {
                row.absent();
            } else if (value != null) {
                row.text(MergedRow.textFor(type, value));
            } else if (type.nullable()) {
                row.nil();
            } else {
                throw new HandlerFailure("it sets column \"" + name + "\" to null, which is NOT NULL");
            }
        });
        Row built = row.build();
        Key key = new KeyCodec(known.table()).keyOf(built);
        return upsert
                ? Operation.upsert(key, built, Operation.UNGUARDED)
                : Operation.delete(key, built, Operation.UNGUARDED);
    }
}
