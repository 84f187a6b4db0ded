package dev.replicator.model;

import java.util.List;

/**
 * One replicated table as the whole sync knows it: its name and its key columns, the same on every database.
 *
 * <p>{@code id} numbers the tables of one sync within one process and is never stored. The key is the primary key or,
 * with {@code REPLICA IDENTITY USING INDEX}, that index. {@code keyTypes} are PostgreSQL type names without modifiers
 * ({@code int4}, {@code text}, {@code numeric}), in the order of {@code keyColumns}; a domain counts as its base type, and
 * every enum is called {@code enum}. Only a table that is copied whole, and never looked for a row in, has an empty key.
 */
public record Table(int id, TableName name, List<String> keyColumns, List<String> keyTypes) {
    public Table {
        keyColumns = List.copyOf(keyColumns);
        keyTypes = List.copyOf(keyTypes);
        if (keyColumns.size() != keyTypes.size()) {
            throw new IllegalArgumentException("table " + name + " needs one type per key column");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Table table && table.id == id && table.name.equals(name);
    }

    @Override
    public int hashCode() {
        return id;
    }
}
