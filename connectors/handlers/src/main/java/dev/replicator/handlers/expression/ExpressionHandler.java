package dev.replicator.handlers.expression;

import dev.cel.common.values.NullValue;
import dev.replicator.handlers.HandlerFailure;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides by an expression over two rows, or by one for each of some columns; more than two changes are folded, the oldest
 * two first. A row of columns takes what is not named from the newer one; where a change removed the row, it leaves the
 * decision to the fallback. Immutable.
 */
public final class ExpressionHandler implements ConflictHandler {
    private final @Nullable Expression whole;
    private final Map<String, Expression> columns;

    private ExpressionHandler(@Nullable Expression whole, Map<String, Expression> columns) {
        this.whole = whole;
        this.columns = columns;
    }

    /** Of an expression that gives a row. Throws {@link dev.replicator.handlers.HandlerProblem}. */
    public static ExpressionHandler ofRow(String text, TableColumns table) {
        return new ExpressionHandler(Expression.ofRow(text, table), Map.of());
    }

    /** Of expressions that give the values of columns. Throws {@link dev.replicator.handlers.HandlerProblem}. */
    public static ExpressionHandler ofColumns(Map<String, String> texts, TableColumns table) {
        Map<String, Expression> columns = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            ColumnType column = table.column(name);
            if (column == null) {
                throw new ExpressionProblem(text, table, "undefined field '" + name + "'");
            }
            columns.put(name, Expression.ofColumn(text, table, column));
        });
        return new ExpressionHandler(null, columns);
    }

    /** One side of an evaluation; {@code row} null if the row is removed there. */
    private record Side(@Nullable ExpressionRow row, ConflictingChange change, int index) {}

    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        Side older = side(changes, 0);
        for (int i = 1; i < changes.size(); i++) {
            Side newer = side(changes, i);
            Object result = fold(table, older, newer);
            if (result instanceof ExpressionRow row && isFinal(row)) {
                return row.answer();
            }
            older = winner(result, older, newer);
        }
        ExpressionRow row = older.row();
        return row == null ? new Answer.Take(older.index()) : row.answer();
    }

    private static boolean isFinal(ExpressionRow row) {
        return !(row.answer() instanceof Answer.Take) && !(row.answer() instanceof Answer.Merge);
    }

    private static Side side(List<ConflictingChange> changes, int index) {
        ConflictingChange change = changes.get(index);
        Map<String, @Nullable Object> row = change.row();
        return new Side(row == null ? null : ExpressionRow.of(row, index), change, index);
    }

    private Object fold(TableName table, Side older, Side newer) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("table", table.toString());
        variables("a", older, variables);
        variables("b", newer, variables);
        if (whole != null) {
            return whole.evaluate(variables);
        }
        ExpressionRow base = newer.row();
        if (base == null || older.row() == null) {
            return ExpressionRow.of(new Answer.Fallback());
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        columns.forEach((name, expression) -> values.put(name, ExpressionRow.toJava(expression.evaluate(variables))));
        return base.with(values);
    }

    private static void variables(String name, Side side, Map<String, Object> variables) {
        Map<String, @Nullable Object> old = side.change().old();
        variables.put(name, side.row() == null ? NullValue.NULL_VALUE : Objects.requireNonNull(side.row()));
        variables.put(name + "_old", old == null ? NullValue.NULL_VALUE : ExpressionRow.of(old, side.index()));
        variables.put(name + "_database", side.change().database());
        variables.put(name + "_commit_time", side.change().commitTime());
        variables.put(name + "_operation", side.change().operation().name().toLowerCase(Locale.ROOT));
    }

    /** Whose row the result is; null is the row of a change that removed it. */
    private static Side winner(Object result, Side older, Side newer) {
        if (result instanceof ExpressionRow row) {
            Side of = row.answer() instanceof Answer.Take take && take.index() == older.index() ? older : newer;
            return new Side(row, of.change(), of.index());
        }
        if (newer.row() == null) {
            return newer;
        }
        if (older.row() == null) {
            return older;
        }
        throw new HandlerFailure("it gave null although no change removed the row");
    }
}
