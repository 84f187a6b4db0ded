package dev.replicator.model;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A table's columns as one source sent them at one moment (pgoutput's Relation message): what gives meaning to the
 * column numbers of a {@link Row}. A schema change brings a new relation; rows keep the one they were read with.
 *
 * <p>Immutable, compared by identity. Source: PostgreSQL documentation, "Logical Replication Message Formats".
 */
public final class Relation {
    private final Table table;
    private final List<Column> columns;
    private final Map<String, Integer> index;
    private final int[] key;

    /** Throws {@link IllegalArgumentException} when a key column of the table is not among {@code columns}. */
    public Relation(Table table, List<Column> columns) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.index = new HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            index.put(columns.get(i).name(), i);
        }
        this.key = new int[table.keyColumns().size()];
        for (int i = 0; i < key.length; i++) {
            Integer at = index.get(table.keyColumns().get(i));
            if (at == null) {
                throw new IllegalArgumentException(
                        "key column \"" + table.keyColumns().get(i) + "\" of table " + table.name() + " is not sent");
            }
            key[i] = at;
        }
    }

    public Table table() {
        return table;
    }

    public List<Column> columns() {
        return columns;
    }

    public int size() {
        return columns.size();
    }

    /** The column number of a name, or -1. */
    public int indexOf(String column) {
        Integer at = index.get(column);
        return at == null ? -1 : at;
    }

    /** Number of key columns. */
    public int keySize() {
        return key.length;
    }

    /** The column number of the i-th key column, in the table's key order. */
    public int keyColumn(int i) {
        return key[i];
    }

    public boolean isKey(int column) {
        for (int k : key) {
            if (k == column) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return table.name() + Arrays.toString(columns.stream().map(Column::name).toArray());
    }
}
