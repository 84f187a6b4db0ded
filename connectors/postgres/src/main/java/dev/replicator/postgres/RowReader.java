package dev.replicator.postgres;

import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads single rows as they stand in one database, for a person. Thread: that of the connection. */
public final class RowReader {
    private static final String TYPES = "SELECT attname, pg_catalog.format_type(atttypid, atttypmod)"
            + " FROM pg_catalog.pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
            + " ORDER BY attnum";

    private final Connection connection;

    public RowReader(Connection connection) {
        this.connection = connection;
    }

    /** The row with these key values, as text by column; empty if there is none. Unknown columns are a failure. */
    public Optional<Map<String, @Nullable String>> read(TableName table, Map<String, String> key) {
        try {
            Map<String, String> types = types(table);
            String columns = String.join(
                    ", ",
                    types.keySet().stream()
                            .map(column -> TableName.quote(column) + "::text")
                            .toList());
            String condition = String.join(
                    " AND ",
                    key.keySet().stream()
                            .map(column -> TableName.quote(column) + " = CAST(?::text AS "
                                    + types.getOrDefault(column, "text") + ")")
                            .toList());
            String sql = "SELECT " + columns + " FROM " + table.quoted() + " WHERE " + condition;
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int number = 1;
                for (String value : key.values()) {
                    select.setString(number++, value);
                }
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(row(row, new ArrayList<>(types.keySet()))) : Optional.empty();
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read a row of table " + table, e);
        }
    }

    private Map<String, String> types(TableName table) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(TYPES)) {
            select.setString(1, table.quoted());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    types.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return types;
    }

    private static Map<String, @Nullable String> row(ResultSet row, List<String> columns) throws SQLException {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            values.put(columns.get(i), row.getString(i + 1));
        }
        return values;
    }
}
