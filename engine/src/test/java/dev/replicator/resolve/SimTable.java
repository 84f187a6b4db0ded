package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one table of the simulation: key {@code k}, columns {@code a}, {@code t}, {@code u}, and {@code c}, a number. */
final class SimTable {
    static final Table TABLE = new Table(0, new TableName("public", "sim"), List.of("k"), List.of("int4"));
    static final String COUNTER = "c";
    static final List<String> COLUMNS = List.of("a", "t", "u", COUNTER);
    static final Relation RELATION = new Relation(
            TABLE,
            List.of(
                    new Column("k", 23, "int4", -1),
                    new Column("a", 25, "text", -1),
                    new Column("t", 25, "text", -1),
                    new Column("u", 25, "text", -1),
                    new Column(COUNTER, 1700, "numeric", -1)));

    private SimTable() {}

    static Key key(int k) {
        return new Key(TABLE, new byte[] {(byte) k}, 1_000_003L * (k + 1));
    }

    static int keyOf(Key key) {
        return key.canonical()[0];
    }

    /** A row of the columns given; the others are absent. */
    static Row row(int k, Map<String, String> columns) {
        Row.Builder builder = new Row.Builder(RELATION).text(Integer.toString(k));
        for (String column : COLUMNS) {
            String value = columns.get(column);
            if (value == null) {
                builder.absent();
            } else {
                builder.text(value);
            }
        }
        return builder.build();
    }

    /** The values that a row carries. */
    static Map<String, String> columns(@Nullable Row row) {
        Map<String, String> columns = new LinkedHashMap<>();
        if (row != null) {
            for (int c = 1; c < RELATION.size(); c++) {
                if (!row.isAbsent(c) && !row.isAdded(c)) {
                    columns.put(RELATION.columns().get(c).name(), row.text(c));
                }
            }
        }
        return columns;
    }

    /** What a row adds to the counter. */
    static BigInteger added(Row row) {
        int c = RELATION.indexOf(COUNTER);
        return row.isAdded(c) ? new BigInteger(row.text(c)) : BigInteger.ZERO;
    }

    /** What a change adds to the counter; zero for one that is no update. */
    static BigInteger increment(Change change) {
        return change.kind() == ChangeKind.UPDATE && change.old() != null
                ? counter(columns(change.row())).subtract(counter(columns(change.old())))
                : BigInteger.ZERO;
    }

    /** The counter of a whole row. */
    static BigInteger counter(Map<String, String> columns) {
        return new BigInteger(String.valueOf(columns.get(COUNTER)));
    }
}
