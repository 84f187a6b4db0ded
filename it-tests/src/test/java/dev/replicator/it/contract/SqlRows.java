package dev.replicator.it.contract;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows over JDBC, as text: bytes in hex, numbers without an exponent, everything else as the driver writes it. */
final class SqlRows {
    private SqlRows() {}

    static List<Map<String, @Nullable String>> read(
            Connection connection, char quote, String table, List<String> columns) throws SQLException {
        String list = columns.stream().map(column -> quoted(quote, column)).collect(Collectors.joining(", "));
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + list + " FROM " + quoted(quote, table))) {
            while (row.next()) {
                Map<String, @Nullable String> values = new LinkedHashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    values.put(columns.get(i), text(row, i + 1));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static @Nullable String text(ResultSet row, int column) throws SQLException {
        Object value = row.getObject(column);
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof java.sql.Blob blob) {
            return "\\x" + HexFormat.of().formatHex(blob.getBytes(1, (int) blob.length()));
        }
        if (value instanceof Double number) {
            return number(number.toString());
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        return row.getString(column);
    }

    /** A floating-point number in one form. */
    static String number(String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> text;
            default -> new BigDecimal(String.valueOf(Double.parseDouble(text))).toPlainString();
        };
    }

    private static String quoted(char quote, String name) {
        return quote + name.replace(String.valueOf(quote), String.valueOf(quote) + quote) + quote;
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql.replaceFirst(";\\s*$", ""));
        }
    }
}
