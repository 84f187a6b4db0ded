package dev.replicator.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a database that only receives is given of a table, and under which names, as configured.
 *
 * @param as the table's name there; null: the same
 * @param columns which columns, and how they are called there
 * @param where only rows for which this expression holds; null: all
 * @param operations what is carried
 */
public record TableMapping(
        @Nullable TableName as, Columns columns, @Nullable String where, Set<ChangeKind> operations) {
    /** The same table, whole. */
    public static final TableMapping SAME = new TableMapping(null, Columns.ALL, null, Set.of(ChangeKind.values()));

    public TableMapping {
        operations = Set.copyOf(operations);
    }

    /**
     * Columns of a table.
     *
     * @param include only these; null: all
     * @param exclude but not these
     * @param rename the name there, by the name on the sources
     * @param computed expressions over the columns of the sources, by the name there
     */
    public record Columns(
            @Nullable Set<String> include,
            Set<String> exclude,
            Map<String, String> rename,
            Map<String, String> computed) {
        public static final Columns ALL = new Columns(null, Set.of(), Map.of(), Map.of());

        public Columns {
            include = include == null ? null : Set.copyOf(include);
            exclude = Set.copyOf(exclude);
            rename = Map.copyOf(rename);
            computed = Collections.unmodifiableMap(new LinkedHashMap<>(computed));
        }

        /** How a column of the sources is called there; empty: it is not carried. */
        public Optional<String> nameOf(String column) {
            boolean carried = (include == null || include.contains(column)) && !exclude.contains(column);
            String name = rename.getOrDefault(column, column);
            return carried && !computed.containsKey(name) ? Optional.of(name) : Optional.empty();
        }
    }

    public boolean isSame() {
        return equals(SAME);
    }

    /** The table's name there. */
    public TableName nameOf(TableName table) {
        return as == null ? table : as;
    }

    /** The table under its name there; its columns are called as they are on the sources. */
    public Table named(Table table) {
        return as == null ? table : new Table(table.id(), as, table.keyColumns(), table.keyTypes());
    }

    public boolean carries(ChangeKind kind) {
        return operations.contains(kind);
    }

    /** Whether rows are looked into, so that they have to be known whole. */
    public boolean readsRows() {
        return where != null || !columns.computed().isEmpty();
    }
}
