package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.util.StringJoiner;

/** The statements that make tables and columns on the target, from the source's schema. */
record Ddl(Dialect dialect, TableNames names) {

    /** {@code CREATE TABLE}, with the key as its primary key. */
    String create(TableSchema schema) {
        Table table = schema.table();
        StringJoiner lines = new StringJoiner(", ", "(", ")");
        for (SourceColumn column : schema.columns()) {
            boolean key = table.keyColumns().contains(column.name());
            lines.add(dialect.quote(column.name()) + " "
                    + dialect.columnType(
                            ColumnType.of(column), key ? table.keyColumns().size() : 0)
                    + (key ? " NOT NULL" : ""));
        }
        StringJoiner keys = new StringJoiner(", ");
        table.keyColumns().forEach(column -> keys.add(dialect.quote(column)));
        lines.add("PRIMARY KEY (" + keys + ")");
        return "CREATE TABLE " + dialect.quote(names.of(table.name())) + " " + lines + dialect.tableOptions();
    }

    /** {@code ALTER TABLE ... ADD}; the column allows NULL, as rows that are there have no value for it. */
    String add(TargetTable table, ColumnType column) {
        return "ALTER TABLE " + table.sqlName() + " ADD " + dialect.quote(column.name()) + " "
                + dialect.columnType(column, 0);
    }
}
