package dev.replicator.copy;

import dev.replicator.model.Column;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.BinaryForm;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.CatalogTable;
import dev.replicator.spi.CopyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the source of a copy or a comparison has it, and the SQL that reads its rows.
 *
 * @param columns those that are replicated, in catalog order
 * @param keyTypes types of the key columns for use in SQL
 * @param isBinary whether all values have a binary form that is the same on every server
 * @param isPartitioned whether its rows are in partitions; else only its own are read, not those of inheriting tables
 * @param identityFull whether its log has whole old rows
 */
record SourceTable(
        Table table,
        List<Column> columns,
        List<String> keyTypes,
        boolean isBinary,
        boolean isPartitioned,
        boolean identityFull) {

    /** Null: it is not there. */
    static @Nullable SourceTable of(Table table, Catalog catalog) {
        CatalogTable found = catalog.table(table.name()).orElse(null);
        if (found == null) {
            return null;
        }
        List<Column> columns = new ArrayList<>();
        boolean binary = true;
        for (CatalogColumn column : found.columns()) {
            if (!column.generated()) {
                columns.add(new Column(column.name(), column.typeOid(), column.type(), column.typmod()));
                binary &= BinaryForm.isSafe(column);
            }
        }
        List<String> keyTypes = table.keyColumns().stream()
                .map(key -> found.column(key).map(CatalogColumn::type).orElse("text"))
                .toList();
        return new SourceTable(
                table,
                List.copyOf(columns),
                keyTypes,
                binary,
                found.kind() == CatalogTable.Kind.PARTITIONED,
                found.identity() == CatalogTable.ReplicaIdentity.FULL);
    }

    /** Whether the comparison of keys in SQL is surely the order of ORDER BY: types of an extension may not be so. */
    boolean isOrdered() {
        return keyTypes.stream().noneMatch(type -> type.contains("."));
    }

    String keyList() {
        return list(table.keyColumns());
    }

    String columnList() {
        return list(columns.stream().map(Column::name).toList());
    }

    private static String list(List<String> names) {
        return names.stream().map(TableName::quote).collect(Collectors.joining(", "));
    }

    /** FROM and WHERE for the rows of a range. */
    String from(CopyRange range) {
        List<String> conditions = new ArrayList<>();
        if (range.lower() != null) {
            conditions.add("(" + keyList() + ") >= (" + literals(range.lower()) + ")");
        }
        if (range.upper() != null) {
            conditions.add("(" + keyList() + ") < (" + literals(range.upper()) + ")");
        }
        return " FROM " + (isPartitioned ? "" : "ONLY ") + table.name().quoted()
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
    }

    /** A key as SQL, one literal for each column. */
    String literals(List<String> key) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            literals.add("'" + key.get(i).replace("'", "''") + "'::" + keyTypes.get(i));
        }
        return String.join(", ", literals);
    }
}
