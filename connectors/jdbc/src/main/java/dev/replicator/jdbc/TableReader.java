package dev.replicator.jdbc;

import dev.replicator.jdbc.TargetColumn.Form;
import dev.replicator.model.Table;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads how tables are made on the target. Names are taken as they are; where there is no such name, one that differs only
 * in capitals counts, as databases fold names that were written without quotes. Thread: that of the connection.
 */
final class TableReader {
    private final Connection connection;
    private final Dialect dialect;
    private final TableNames names;

    TableReader(Connection connection, Dialect dialect, TableNames names) {
        this.connection = connection;
        this.dialect = dialect;
        this.names = names;
    }

    /** The table, with as many of the columns as it has; null if it is not there. */
    @Nullable
    TargetTable read(Table table, Collection<String> columns) throws SQLException {
        String name = find(names.of(table.name()));
        if (name == null) {
            return null;
        }
        Map<String, TargetColumn> there = columns(name);
        Map<String, TargetColumn> matched = new HashMap<>();
        for (String column : columns) {
            TargetColumn found = there.get(column);
            if (found == null) {
                List<TargetColumn> folded = there.values().stream()
                        .filter(each -> each.name().equalsIgnoreCase(column) && !columns.contains(each.name()))
                        .toList();
                found = folded.size() == 1 ? folded.get(0) : null;
            }
            if (found != null) {
                matched.put(column, found);
            }
        }
        List<Set<String>> uniques = uniques(name);
        Set<String> key = new HashSet<>();
        table.keyColumns()
                .forEach(column -> key.add(
                        matched.containsKey(column) ? matched.get(column).name() : column));
        boolean keyed = uniques.remove(key);
        while (uniques.remove(key)) {
            keyed = true;
        }
        return new TargetTable(
                table, name, dialect.quote(name), matched, !uniques.isEmpty(), keyed, missing(there, matched));
    }

    /** Columns that nothing is written into and that do not fill themselves. */
    private static List<String> missing(Map<String, TargetColumn> there, Map<String, TargetColumn> matched) {
        return there.values().stream()
                .filter(column -> !column.mayBeLeftOut() && !matched.containsValue(column))
                .map(TargetColumn::name)
                .toList();
    }

    private @Nullable String find(String name) throws SQLException {
        List<String> folded = new ArrayList<>();
        DatabaseMetaData data = connection.getMetaData();
        try (ResultSet rows = data.getTables(connection.getCatalog(), connection.getSchema(), "%", null)) {
            while (rows.next()) {
                String there = rows.getString("TABLE_NAME");
                if (there.equals(name)) {
                    return there;
                }
                if (there.equalsIgnoreCase(name)) {
                    folded.add(there);
                }
            }
        }
        return folded.size() == 1 ? folded.get(0) : null;
    }

    private String pattern(String name) throws SQLException {
        String escape = connection.getMetaData().getSearchStringEscape();
        return name.replace(escape, escape + escape).replace("_", escape + "_").replace("%", escape + "%");
    }

    private Map<String, TargetColumn> columns(String table) throws SQLException {
        Map<String, TargetColumn> columns = new LinkedHashMap<>();
        DatabaseMetaData data = connection.getMetaData();
        try (ResultSet rows = data.getColumns(connection.getCatalog(), connection.getSchema(), pattern(table), "%")) {
            while (rows.next()) {
                if (rows.getString("TABLE_NAME").equals(table)) {
                    TargetColumn column = column(rows);
                    columns.put(column.name(), column);
                }
            }
        }
        return columns;
    }

    private static TargetColumn column(ResultSet row) throws SQLException {
        String name = row.getString("COLUMN_NAME");
        String typeName = row.getString("TYPE_NAME");
        int jdbcType = row.getInt("DATA_TYPE");
        int size = row.getInt("COLUMN_SIZE");
        int digits = row.getInt("DECIMAL_DIGITS");
        boolean nullable = row.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls;
        boolean filled = row.getString("COLUMN_DEF") != null
                || "YES".equals(row.getString("IS_AUTOINCREMENT"))
                || "YES".equals(row.getString("IS_GENERATEDCOLUMN"));
        return new TargetColumn(name, form(jdbcType, typeName), jdbcType, typeName, size, digits, nullable || filled);
    }

    private static Form form(int jdbcType, String typeName) {
        if (typeName.toUpperCase(Locale.ROOT).startsWith("TINYINT")) {
            return Form.INTEGER;
        }
        return switch (jdbcType) {
            case Types.BOOLEAN, Types.BIT -> Form.BOOLEAN;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Form.INTEGER;
            case Types.REAL, Types.FLOAT, Types.DOUBLE, 100, 101 -> Form.DOUBLE;
            case Types.NUMERIC, Types.DECIMAL -> Form.DECIMAL;
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Form.BYTES;
            case Types.DATE -> Form.DATE;
            case Types.TIME -> Form.TIME;
            case Types.TIMESTAMP -> Form.TIMESTAMP;
            case Types.TIMESTAMP_WITH_TIMEZONE, -101, -102 -> Form.TIMESTAMP_WITH_ZONE;
            default -> Form.TEXT;
        };
    }

    /** The columns of every unique index, the primary key's among them. */
    private List<Set<String>> uniques(String table) throws SQLException {
        Map<String, Set<String>> indexes = new TreeMap<>();
        DatabaseMetaData data = connection.getMetaData();
        try (ResultSet rows = data.getPrimaryKeys(connection.getCatalog(), connection.getSchema(), table)) {
            while (rows.next()) {
                indexes.computeIfAbsent("", key -> new HashSet<>()).add(rows.getString("COLUMN_NAME"));
            }
        }
        try (ResultSet rows = data.getIndexInfo(connection.getCatalog(), connection.getSchema(), table, true, true)) {
            while (rows.next()) {
                String column = rows.getString("COLUMN_NAME");
                if (column != null && !rows.getBoolean("NON_UNIQUE")) {
                    indexes.computeIfAbsent("index " + rows.getString("INDEX_NAME"), key -> new HashSet<>())
                            .add(column);
                }
            }
        }
        return new ArrayList<>(indexes.values());
    }
}
