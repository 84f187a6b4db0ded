package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.postgres.Shape.Carried;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of the statements for one {@link Shape}.
 *
 * <p>Every value is cast to the column's type without its modifier; the assignment to the column does the rest. Keys are
 * compared by the operators of the key's index, as {@code search_path} is empty. A bulk UPDATE or DELETE answers with one
 * row: NULL, or, when some keys met no row, the numbers of those that met one (from 1).
 */
final class ShapeSql {
    private ShapeSql() {}

    static String single(Shape shape, boolean guarded) {
        TargetTable table = shape.table();
        String guard = guarded ? " t.xmin = ANY (?)" : "";
        return switch (shape.kind()) {
            case UPSERT ->
                insert(shape) + "VALUES (" + join(", ", shape.columns(), ShapeSql::parameter) + ")" + onConflict(shape)
                        + (guarded ? " WHERE" + guard : "");
            case UPDATE ->
                "UPDATE " + table.quoted() + " AS t SET "
                        + join(", ", updated(shape), c -> assignment(c, parameter(c)))
                        + singleWhere(shape) + (guarded ? " AND" + guard : "");
            case DELETE ->
                "DELETE FROM " + table.quoted() + " AS t" + singleWhere(shape) + (guarded ? " AND" + guard : "");
            case TRUNCATE, MOVE -> throw new IllegalArgumentException("a " + shape.kind() + " has no shape");
        };
    }

    /** Reads the row whose key stands in the parameters of a DELETE. */
    static String select(Shape delete, String what) {
        return "SELECT " + what + " FROM " + delete.table().quoted() + " AS t" + singleWhere(delete);
    }

    /**
     * Makes room at a new key for the row that stands at the old one, if one does. Parameters: new key, old key, each as
     * those of a DELETE.
     */
    static String makeRoom(Shape newKey, Shape oldKey) {
        String from = " FROM " + newKey.table().quoted() + " AS t";
        return "DELETE" + from + singleWhere(newKey) + " AND EXISTS (SELECT" + from + singleWhere(oldKey) + ")";
    }

    /** Gives the row at the old key its new key and what else is carried. Parameters: {@link #moved}, old key. */
    static String move(Shape carried, Shape oldKey) {
        return "UPDATE " + carried.table().quoted() + " AS t SET "
                + join(", ", moved(carried), c -> assignment(c, parameter(c)))
                + singleWhere(oldKey);
    }

    /** What a change of key sets: the key, whatever it is, and the other columns that may be updated. */
    static List<Carried> moved(Shape carried) {
        return carried.columns().stream()
                .filter(c ->
                        carried.table().isKey(c.target().name()) || !c.target().isNeverUpdated())
                .toList();
    }

    /** The condition by which a DELETE finds its row. */
    static String key(Shape delete) {
        return singleWhere(delete).substring(" WHERE ".length());
    }

    /** The columns in the order in which {@link #single} has their parameters. */
    static List<Carried> singleOrder(Shape shape) {
        if (shape.kind() == Operation.Kind.UPSERT) {
            return shape.columns();
        }
        List<Carried> order = new ArrayList<>(shape.kind() == Operation.Kind.UPDATE ? updated(shape) : List.of());
        order.addAll(keys(shape));
        return order;
    }

    static String bulk(Shape shape, String source) {
        TargetTable table = shape.table();
        String rows =
                "(SELECT " + join(", ", shape.columns(), c -> "v.c" + c.from() + "::" + type(c) + " AS c" + c.from())
                        + ", v.o FROM " + source + ") AS s";
        return switch (shape.kind()) {
            case UPSERT ->
                insert(shape) + "SELECT " + join(", ", shape.columns(), c -> "s.c" + c.from()) + " FROM " + rows
                        + onConflict(shape);
            case UPDATE ->
                met("UPDATE " + table.quoted() + " AS t SET "
                        + join(", ", updated(shape), c -> assignment(c, "s.c" + c.from())) + " FROM " + rows
                        + bulkWhere(shape));
            case DELETE -> met("DELETE FROM " + table.quoted() + " AS t USING " + rows + bulkWhere(shape));
            case TRUNCATE, MOVE -> throw new IllegalArgumentException("a " + shape.kind() + " has no shape");
        };
    }

    static String unnest(Shape shape) {
        return "unnest(" + join(", ", shape.columns(), c -> "?") + ") WITH ORDINALITY AS v ("
                + join(", ", shape.columns(), c -> "c" + c.from()) + ", o)";
    }

    static String values(Shape shape, int rows) {
        StringBuilder text = new StringBuilder("(VALUES ");
        for (int row = 1; row <= rows; row++) {
            text.append(row == 1 ? "(" : ", (")
                    .append(join(", ", shape.columns(), c -> "?"))
                    .append(", ")
                    .append(row)
                    .append(')');
        }
        return text.append(") AS v (")
                .append(join(", ", shape.columns(), c -> "c" + c.from()))
                .append(", o)")
                .toString();
    }

    static String copy(Shape shape) {
        return "COPY " + shape.table().quoted() + " ("
                + join(", ", shape.columns(), c -> c.target().quoted()) + ") FROM STDIN (FORMAT binary)";
    }

    private static String met(String statement) {
        return "WITH met AS (" + statement + " RETURNING s.o) SELECT count(*), "
                + "CASE WHEN count(*) <> ? THEN pg_catalog.string_agg(met.o::text, ',') END FROM met";
    }

    private static String insert(Shape shape) {
        return "INSERT INTO " + shape.table().quoted() + " AS t ("
                + join(", ", shape.columns(), c -> c.target().quoted()) + ") "
                + (shape.table().hasIdentity() ? "OVERRIDING SYSTEM VALUE " : "");
    }

    /** Sets at least the key to itself: a conflicting row has to be locked in any case. */
    private static String onConflict(Shape shape) {
        List<Carried> set = updated(shape);
        String target = " ON CONFLICT (" + shape.table().keyList() + ")";
        return set.isEmpty()
                ? target + " DO NOTHING"
                : target + " DO UPDATE SET "
                        + join(
                                ", ",
                                set,
                                c -> c.target().quoted() + " = excluded."
                                        + c.target().quoted());
    }

    static List<Carried> updated(Shape shape) {
        List<Carried> rest = shape.columns().stream()
                .filter(column -> !shape.table().isKey(column.target().name()))
                .filter(column -> !column.target().isNeverUpdated())
                .toList();
        return rest.isEmpty()
                ? keys(shape).stream()
                        .filter(column -> !column.target().isNeverUpdated())
                        .toList()
                : rest;
    }

    private static List<Carried> keys(Shape shape) {
        List<Carried> keys = new ArrayList<>();
        for (String key : shape.table().table().keyColumns()) {
            shape.columns().stream()
                    .filter(column -> column.target().name().equals(key))
                    .forEach(keys::add);
        }
        return keys;
    }

    private static String singleWhere(Shape shape) {
        return where(shape, ShapeSql::parameter);
    }

    private static String bulkWhere(Shape shape) {
        return where(shape, column -> "s.c" + column.from());
    }

    private static String where(Shape shape, java.util.function.Function<Carried, String> value) {
        StringBuilder text = new StringBuilder();
        List<Carried> keys = keys(shape);
        for (int i = 0; i < keys.size(); i++) {
            text.append(i == 0 ? " WHERE t." : " AND t.")
                    .append(keys.get(i).target().quoted())
                    .append(' ')
                    .append(shape.table().keyOperators().get(i))
                    .append(' ')
                    .append(value.apply(keys.get(i)));
        }
        return text.toString();
    }

    /** What is set, or, of a counter, added to what stands there. */
    private static String assignment(Carried column, String value) {
        String name = column.target().quoted();
        return name + " = " + (column.added() ? "t." + name + " OPERATOR(pg_catalog.+) " : "") + value;
    }

    private static String parameter(Carried column) {
        return "?::" + type(column);
    }

    private static String type(Carried column) {
        return column.target().castType();
    }

    private static String join(
            String separator, List<Carried> columns, java.util.function.Function<Carried, String> text) {
        return String.join(separator, columns.stream().map(text).toList());
    }
}
