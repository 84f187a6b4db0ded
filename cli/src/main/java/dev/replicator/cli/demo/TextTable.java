package dev.replicator.cli.demo;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table as psql prints it: a header, a rule, rows; columns as wide as their widest value. */
final class TextTable {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();
    private final int widest;

    /** @param widest values longer than this are cut and end with three dots */
    TextTable(int widest, String... header) {
        this.widest = widest;
        this.header = List.of(header);
    }

    static TextTable of(ResultSet result, int widest) throws SQLException {
        String[] names = new String[result.getMetaData().getColumnCount()];
        for (int i = 0; i < names.length; i++) {
            names[i] = result.getMetaData().getColumnLabel(i + 1);
        }
        TextTable table = new TextTable(widest, names);
        while (result.next()) {
            @Nullable String[] row = new String[names.length];
            for (int i = 0; i < names.length; i++) {
                row[i] = result.getString(i + 1);
            }
            table.row(row);
        }
        return table;
    }

    /** NULL is shown as an empty cell, as psql does. */
    TextTable row(@Nullable String... values) {
        rows.add(Arrays.stream(values)
                .map(value -> cut(value == null ? "" : value))
                .toList());
        return this;
    }

    int size() {
        return rows.size();
    }

    List<String> lines() {
        int[] widths = new int[header.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = rows.stream().mapToInt(row -> length(row.get(column))).reduce(length(header.get(i)), Math::max);
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(header, widths));
        lines.add(rule(widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private String cut(String value) {
        String oneLine = value.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
        return length(oneLine) <= widest
                ? oneLine
                : oneLine.substring(0, oneLine.offsetByCodePoints(0, widest - 3)) + "...";
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String line(List<String> values, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? " " : " | ").append(values.get(i));
            if (i < widths.length - 1) {
                line.append(" ".repeat(widths[i] - length(values.get(i))));
            }
        }
        return line.toString();
    }

    private static String rule(int[] widths) {
        StringBuilder rule = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            rule.append(i == 0 ? "-" : "-+-").append("-".repeat(widths[i]));
        }
        return rule.append('-').toString();
    }
}
