package dev.replicator.handlers.expression;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An expression over one row that has been checked, for those who do not know the language. Immutable. */
public final class CompiledRow {
    private final RowExpression expression;

    private CompiledRow(RowExpression expression) {
        this.expression = expression;
    }

    /** One that is true or not. Throws {@link dev.replicator.handlers.HandlerProblem}. */
    public static CompiledRow condition(String text, TableColumns table) {
        return new CompiledRow(RowExpression.compile(
                text, table, "a condition (bool)", type -> type == SimpleType.BOOL || type == SimpleType.NULL_TYPE));
    }

    /**
     * One that gives a value, of the type of {@code column} if that is given. Throws {@link
     * dev.replicator.handlers.HandlerProblem}.
     */
    public static CompiledRow value(String text, TableColumns table, @Nullable ColumnType column) {
        if (column == null) {
            return new CompiledRow(RowExpression.compile(
                    text,
                    table,
                    "a value of a known type (string(...), int(...), double(...), decimal(...), timestamp(...))",
                    RowExpression::isPlain));
        }
        CelType wanted = ColumnTypes.of(column.type());
        return new CompiledRow(RowExpression.compile(
                text,
                table,
                "a value for column \"" + column.name() + "\" of type " + column.declared() + " ("
                        + Expression.name(wanted) + ")",
                type -> Expression.fits(type, wanted) || type == SimpleType.NULL_TYPE));
    }

    /** PostgreSQL's name of the type of its values. */
    public String type() {
        return Objects.requireNonNullElse(RowExpression.typeName(expression.type()), "text");
    }

    /** The columns that it reads, at most. */
    public Set<String> columns() {
        return expression.columns();
    }

    /** The result as a Java value. What goes wrong is a {@link dev.replicator.handlers.HandlerFailure}. */
    public @Nullable Object evaluate(Map<String, @Nullable Object> values) {
        return expression.evaluate(values);
    }
}
