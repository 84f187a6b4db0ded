package dev.replicator.model;

import java.util.List;
import java.util.Optional;

/**
 * A replicated table's columns as a source's catalog had them when the sync started: what a target of another kind maps
 * its own columns from, and creates its table from.
 *
 * <p>Columns that are computed from others are left out, as they are never sent. A change of the schema on a source brings
 * a new {@link Relation}, not a new object of this class.
 *
 * @param columns in the order of the source
 */
public record TableSchema(Table table, List<SourceColumn> columns) {
    public TableSchema {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param name the catalog name
     * @param baseType PostgreSQL's name of the type beneath domains: {@code int4}, {@code varchar}, {@code _int4} for an
     *     array, {@code enum}, or a qualified name
     * @param typmod the type modifier, or -1
     * @param declared the type as declared, with its modifier, for a person ({@code numeric(10,2)})
     * @param notNull whether it refuses null
     * @param enumLabels the labels of an enum, else empty
     */
    public record SourceColumn(
            String name, String baseType, int typmod, String declared, boolean notNull, List<String> enumLabels) {
        public SourceColumn {
            enumLabels = List.copyOf(enumLabels);
        }
    }

    public Optional<SourceColumn> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }
}
