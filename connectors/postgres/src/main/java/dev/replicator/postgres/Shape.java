package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.TargetTable.TargetColumn;
import java.util.ArrayList;
import java.util.List;

/**
 * What operations have in common that one statement can do: kind, table, the columns they carry and the form of the
 * values. Knows the statements' text. Belongs to one relation of one source.
 *
 * <p>{@code columns} are those that take part: for DELETE the key, else all that are carried and may be written.
 * {@code canUnnest} is false where a column's values cannot be elements of an array.
 */
final class Shape {
    /**
     * A column that takes part.
     *
     * @param from its number in the source's relation
     * @param target the column it goes to
     * @param binaryOid type of the binary values, or 0 where values are text
     * @param arrayOid the array type that takes such values as elements, or 0
     * @param added whether the value is added to what stands there
     */
    record Carried(int from, TargetColumn target, int binaryOid, int arrayOid, boolean added) {}

    /** The form of a column that does not take part. */
    static final byte ANY = 0;

    private final Operation.Kind kind;
    private final TargetTable table;
    private final List<Carried> columns;
    private final byte[] formats;
    private final boolean canUnnest;
    private final String single;
    private final String bulk;

    Shape(Operation.Kind kind, TargetTable table, List<Carried> columns, byte[] formats) {
        this.kind = kind;
        this.table = table;
        this.columns = List.copyOf(columns);
        this.formats = formats;
        this.canUnnest = columns.stream().allMatch(column -> column.arrayOid() != 0);
        this.single = ShapeSql.single(this, false);
        this.bulk = canUnnest ? ShapeSql.bulk(this, ShapeSql.unnest(this)) : "";
    }

    Operation.Kind kind() {
        return kind;
    }

    TargetTable table() {
        return table;
    }

    List<Carried> columns() {
        return columns;
    }

    boolean canUnnest() {
        return canUnnest;
    }

    /** For one row, a parameter a value. */
    String single() {
        return single;
    }

    /** As {@link #single}, but only where the row was last written by one of the transactions in a further parameter. */
    String guarded() {
        return ShapeSql.single(this, true);
    }

    /** Whether an upsert changes nothing of a row that is there, so that no guard is needed. */
    boolean isVoidOnConflict() {
        return kind == Operation.Kind.UPSERT && ShapeSql.updated(this).isEmpty();
    }

    /** For many rows, a parameter an array of a column's values; only with {@link #canUnnest}. */
    String bulk() {
        return bulk;
    }

    /** Whether upserts can go by COPY: every value in the binary form of its column's own type. */
    boolean canCopy() {
        return kind == Operation.Kind.UPSERT
                && columns.stream()
                        .allMatch(column -> column.binaryOid() != 0
                                && column.binaryOid() == column.target().typeOid());
    }

    /** Takes rows of {@link #columns} in binary form; only with {@link #canCopy}. */
    String copy() {
        return ShapeSql.copy(this);
    }

    /** For so many rows, a parameter a value. */
    String bulkOfValues(int rows) {
        return ShapeSql.bulk(this, ShapeSql.values(this, rows));
    }

    /** Whether the row carries exactly these columns in these forms; NULL fits any form. */
    boolean fits(Row row) {
        for (int c = 0; c < formats.length; c++) {
            byte format = row.kind(c);
            if (format != formats[c] && formats[c] != ANY && (format != Row.NULL || formats[c] == Row.ABSENT)) {
                return false;
            }
        }
        return true;
    }

    /** Parameters for {@link #single}: for UPDATE first what is set, then the key. */
    List<Parameter> singleParameters(Row row) {
        List<Parameter> parameters = new ArrayList<>(columns.size() + 4);
        for (Carried column : ShapeSql.singleOrder(this)) {
            parameters.add(Parameter.column(row, column.from(), column.binaryOid()));
        }
        return parameters;
    }

    /** Parameters for {@link ShapeSql#move}, but for the old key. */
    List<Parameter> movedParameters(Row row) {
        List<Parameter> parameters = new ArrayList<>(columns.size() + 4);
        for (Carried column : ShapeSql.moved(this)) {
            parameters.add(Parameter.column(row, column.from(), column.binaryOid()));
        }
        return parameters;
    }

    /** Parameters for {@link #bulk}. */
    List<Parameter> arrays(List<Operation> operations) {
        List<Parameter> parameters = new ArrayList<>(columns.size());
        for (Carried column : columns) {
            ArrayBuilder array =
                    new ArrayBuilder(column.binaryOid() == 0 ? Parameter.TEXT : column.binaryOid(), operations.size());
            for (Operation operation : operations) {
                array.add(operation.requireRow(), column.from());
            }
            parameters.add(new Parameter(array.build(), column.arrayOid()));
        }
        return parameters;
    }

    /** Parameters for {@link #bulkOfValues}. */
    List<Parameter> values(List<Operation> operations) {
        List<Parameter> parameters = new ArrayList<>(columns.size() * operations.size());
        for (Operation operation : operations) {
            for (Carried column : columns) {
                parameters.add(Parameter.column(operation.requireRow(), column.from(), column.binaryOid()));
            }
        }
        return parameters;
    }
}
