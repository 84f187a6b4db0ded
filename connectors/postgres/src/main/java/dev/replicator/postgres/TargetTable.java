package dev.replicator.postgres;

import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as it stands on the target.
 *
 * @param table what the sync knows of it
 * @param columns all columns, in order
 * @param keyOperators the equality operator of each key column, in the key's order, as SQL
 * @param deferrable its unique and exclusion constraints that are DEFERRABLE
 * @param hasTriggers whether triggers of the user's or foreign keys would fire
 * @param missingPrivilege a privilege that the session's role lacks, or null
 */
record TargetTable(
        Table table,
        Map<String, TargetColumn> columns,
        List<String> keyOperators,
        List<Deferrable> deferrable,
        boolean hasTriggers,
        @Nullable String missingPrivilege) {

    /**
     * A column of the target.
     *
     * @param name its name
     * @param castType the type to cast a value to, without a modifier and below any domain: the assignment to the column
     *     applies those, and so refuses what is too long, where a cast would cut it off
     * @param typeOid that type's object identifier
     * @param generated computed by the server; never written
     * @param identity {@code a} for GENERATED ALWAYS AS IDENTITY, {@code d} for BY DEFAULT, else empty
     */
    record TargetColumn(String name, String castType, int typeOid, boolean generated, String identity) {
        String quoted() {
            return TableName.quote(name);
        }

        /** The server refuses any UPDATE of it, to whatever value. */
        boolean isNeverUpdated() {
            return identity.equals("a");
        }
    }

    /**
     * A unique index over plain columns.
     *
     * @param name its name, which is that of its constraint
     * @param operators the equality operator of each column, as SQL, by the column's name
     */
    record Unique(String name, Map<String, String> operators) {}

    /**
     * A unique or exclusion constraint: no two rows for which the operators of all parts are true.
     *
     * @param predicate which rows it concerns, as SQL; null: all
     */
    record Deferrable(
            String name,
            boolean exclusion,
            List<Part> parts,
            @Nullable String predicate) {}

    /** An expression over the table's columns and an operator, both as SQL. */
    record Part(String expression, String operator) {}

    static Map<String, TargetColumn> byName(List<TargetColumn> columns) {
        Map<String, TargetColumn> byName = new LinkedHashMap<>();
        columns.forEach(column -> byName.put(column.name(), column));
        return byName;
    }

    boolean hasIdentity() {
        return columns.values().stream().anyMatch(column -> !column.identity().isEmpty());
    }

    boolean isKey(String column) {
        return table.keyColumns().contains(column);
    }

    /** The key columns as a list of SQL identifiers. */
    String keyList() {
        List<String> quoted = new ArrayList<>();
        table.keyColumns().forEach(column -> quoted.add(TableName.quote(column)));
        return String.join(", ", quoted);
    }

    String quoted() {
        return table.name().quoted();
    }
}
