package dev.replicator.handlers;

import dev.replicator.codec.RowReader;
import dev.replicator.codec.TypedValue;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.handlers.expression.CompiledRow;
import dev.replicator.model.Row;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.spi.RowExpressions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code where} and computed columns in the Common Expression Language. */
public final class CelRowExpressions implements RowExpressions {
    @Override
    public Condition condition(String text, TableSchema schema) {
        TableColumns table = columns(schema);
        CompiledRow compiled = compiled("where", table, () -> CompiledRow.condition(text, table));
        Map<String, ColumnType> columns = table.byName();
        return new Condition() {
            @Override
            public boolean holds(Row row) {
                return Boolean.TRUE.equals(result("where", schema, compiled, row, columns));
            }

            @Override
            public Set<String> columns() {
                return compiled.columns();
            }
        };
    }

    @Override
    public Value value(String name, String text, TableSchema schema, @Nullable SourceColumn column) {
        TableColumns table = columns(schema);
        String what = "computed column \"" + name + "\"";
        ColumnType replaced = column == null ? null : table.column(column.name());
        CompiledRow compiled = compiled(what, table, () -> CompiledRow.value(text, table, replaced));
        SourceColumn made = column == null
                ? new SourceColumn(name, compiled.type(), -1, compiled.type(), false, List.of())
                : column;
        Map<String, ColumnType> columns = table.byName();
        return new Value() {
            @Override
            public @Nullable String text(Row row) {
                Object value = result(what, schema, compiled, row, columns);
                if (value == null) {
                    return null;
                }
                try {
                    return replaced == null ? TypedValue.toText(value) : MergedRow.textFor(replaced, value);
                } catch (HandlerFailure e) {
                    throw failed(what, schema, row, e.what());
                }
            }

            @Override
            public SourceColumn column() {
                return made;
            }

            @Override
            public Set<String> columns() {
                return compiled.columns();
            }
        };
    }

    private static TableColumns columns(TableSchema schema) {
        return new TableColumns(
                schema.table().name(),
                schema.columns().stream()
                        .map(column -> new ColumnType(
                                column.name(),
                                column.baseType().replace("\"", ""),
                                column.declared(),
                                column.typmod(),
                                !column.notNull(),
                                schema.table().keyColumns().contains(column.name()),
                                column.enumLabels()))
                        .toList());
    }

    private static CompiledRow compiled(String what, TableColumns table, Supplier<CompiledRow> compiling) {
        try {
            return compiling.get();
        } catch (HandlerProblem e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot evaluate " + what + " of table " + table.table(),
                    e.detail(),
                    e.hint());
        }
    }

    private static @Nullable Object result(
            String what, TableSchema schema, CompiledRow compiled, Row row, Map<String, ColumnType> columns) {
        try {
            return compiled.evaluate(new RowValues(row, columns));
        } catch (HandlerFailure e) {
            throw failed(what, schema, row, e.what());
        }
    }

    /** Of the row only the key is told. */
    private static ReplicatorException failed(String what, TableSchema schema, Row row, String why) {
        return new ReplicatorException(
                Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot evaluate " + what + " for a row of table "
                        + schema.table().name(),
                "Of the row with key " + RowReader.of(row.relation(), schema).key(row) + ": " + why + ".",
                "Write it so that it has a value for every row, or change the row.",
                null);
    }
}
