package dev.replicator.handlers.expression;

import dev.cel.common.CelSourceLocation;
import dev.replicator.handlers.HandlerProblem;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An expression that does not fit its table, told with the columns and types concerned, and what to do. */
final class ExpressionProblem extends HandlerProblem {
    private static final long serialVersionUID = 1;
    private static final Pattern COLUMN = Pattern.compile("\\b([ab](?:_old)?)\\.(?:`([^`]+)`|(\\w+))");
    private static final String CONVERT = "Use values";
    private static final Pattern UNDEFINED = Pattern.compile("undefined field '([^']+)'");
    private static final Pattern OVERLOAD =
            Pattern.compile("found no matching overload for '([^']+)' applied to '\\((.*?)\\)' .*", Pattern.DOTALL);

    ExpressionProblem(String text, TableColumns table, String message) {
        super(explain(message) + columns(text, table), hint(message, table));
    }

    ExpressionProblem(String text, TableColumns table, String message, CelSourceLocation place) {
        super(
                "At character " + (place.getColumn() + 1)
                        + (place.getLine() > 1 ? " of its line " + place.getLine() : "") + ": " + explain(message)
                        + columns(text, table),
                hint(message, table));
    }

    /** Whether values of types that do not go together are what is wrong. */
    boolean isAboutTypes() {
        return hint().startsWith(CONVERT);
    }

    private static String explain(String message) {
        Matcher overload = OVERLOAD.matcher(message);
        if (overload.matches()) {
            String operator = overload.group(1).replace("_", "");
            return "\"" + operator + "\" does not apply to " + types(overload.group(2)) + ".";
        }
        Matcher undefined = UNDEFINED.matcher(message);
        if (undefined.matches()) {
            return "there is no column \"" + undefined.group(1) + "\".";
        }
        return message.replace(" (in container '')", "") + ".";
    }

    private static String types(String types) {
        return types.replaceAll("wrapper\\((\\w+)\\)", "$1")
                .replace("google.protobuf.Timestamp", "timestamp")
                .replace(", ", " and ");
    }

    /** The columns the expression names, with their types. */
    private static String columns(String text, TableColumns table) {
        Set<String> used = new TreeSet<>();
        Matcher matcher = COLUMN.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
            ColumnType column = table.column(name);
            if (column != null) {
                used.add(described(column));
            }
        }
        return used.isEmpty() ? "" : " Columns: " + String.join(", ", used) + ".";
    }

    private static String described(ColumnType column) {
        return "\"" + column.name() + "\" is " + column.declared() + " ("
                + Expression.name(ColumnTypes.of(column.type())) + ")";
    }

    private static String hint(String message, TableColumns table) {
        Matcher undefined = UNDEFINED.matcher(message);
        if (undefined.matches()) {
            List<String> names = new ArrayList<>(table.byName().keySet());
            return "Table " + table.table() + " has: "
                    + names.stream().limit(50).collect(Collectors.joining(", ")) + ". Names that are no plain words are"
                    + " written in backticks: a.`Odd Name`.";
        }
        return OVERLOAD.matcher(message).matches()
                ? CONVERT
                        + " of one type, converted where needed by int(), double(), string(), decimal() or timestamp();"
                        + " null is compared by == and != only."
                : "An expression chooses between a, the older row, and b, the newer one: a.updated_at > b.updated_at ? a : b";
    }
}
