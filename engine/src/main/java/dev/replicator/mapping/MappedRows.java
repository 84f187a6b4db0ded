package dev.replicator.mapping;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.spi.RowExpressions.Expression;
import dev.replicator.spi.RowExpressions.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table as a database gets them: with the columns that are carried, under their names there, and the computed
 * ones. Values are not copied unless some are computed. Thread: one.
 */
final class MappedRows {
    private static final int TEXT_OID = 25;

    private final Table there;
    private final TableMapping.Columns columns;
    private final List<Value> computed;
    private final Map<Relation, Shape> shapes = new IdentityHashMap<>();

    /** A relation and where its columns come from: a column of the source's, or -1-i for computed column i. */
    private record Shape(Relation relation, int[] from) {}

    MappedRows(Table there, TableMapping.Columns columns, List<Value> computed) {
        this.there = there;
        this.columns = columns;
        this.computed = computed;
    }

    /** The columns of a row there. */
    List<Column> columns(List<Column> source) {
        List<Column> names = new ArrayList<>();
        for (Column column : source) {
            columns.nameOf(column.name())
                    .ifPresent(name -> names.add(new Column(name, column.typeOid(), column.type(), column.typmod())));
        }
        computed.forEach(value -> names.add(new Column(value.column().name(), TEXT_OID, "text", -1)));
        return names;
    }

    /** {@code values}: whether computed columns get theirs; else they are absent, as in a row that only tells a key. */
    Row of(Row row, boolean values) {
        Shape shape = shapes.computeIfAbsent(row.relation(), this::shape);
        if (computed.isEmpty()) {
            return row.pick(shape.relation, shape.from);
        }
        Row.Builder builder = new Row.Builder(shape.relation);
        for (int from : shape.from) {
            if (from >= 0) {
                builder.copy(row, from);
            } else if (values) {
                put(builder, row, computed.get(-1 - from));
            } else {
                builder.absent();
            }
        }
        return builder.build();
    }

    /** A value of which nothing is known, because the row carries only other columns, is not carried either. */
    private static void put(Row.Builder builder, Row row, Value value) {
        if (!value.columns().isEmpty() && !row.isWhole() && !carriesSome(row, value)) {
            builder.absent();
            return;
        }
        @Nullable String text = value.text(row);
        if (text == null) {
            builder.nil();
        } else {
            builder.text(text);
        }
    }

    /** Whether the row carries something, beside the key, that the expression reads. */
    static boolean carriesSome(Row row, Expression expression) {
        return expression.columns().stream().anyMatch(column -> {
            int at = row.relation().indexOf(column);
            return at >= 0 && !row.isAbsent(at) && !row.relation().isKey(at);
        });
    }

    /** A column that the source has got meanwhile is carried if nothing says otherwise. */
    private Shape shape(Relation source) {
        List<Integer> from = new ArrayList<>();
        for (int c = 0; c < source.size(); c++) {
            if (columns.nameOf(source.columns().get(c).name()).isPresent()) {
                from.add(c);
            }
        }
        for (int i = 0; i < computed.size(); i++) {
            from.add(-1 - i);
        }
        return new Shape(
                new Relation(there, columns(source.columns())),
                from.stream().mapToInt(Integer::intValue).toArray());
    }
}
