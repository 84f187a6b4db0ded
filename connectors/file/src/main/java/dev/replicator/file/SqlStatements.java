package dev.replicator.file;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * SQL for PostgreSQL: a transaction for each batch, a statement on each line. Run into tables of the same names and keys, in
 * the order of the files, they make the same rows; the same file again changes nothing, but for counters.
 *
 * <p>Source: PostgreSQL documentation, "String Constants with C-Style Escapes".
 */
final class SqlStatements implements BatchFormat {
    private static final String HEADER = "-- replicator sql 1 progress ";
    private static final String COMMIT = "COMMIT; -- replicator progress ";

    @Override
    public String suffix() {
        return "sql";
    }

    private static void line(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    @Override
    public void header(OutputStream out, String sync, String progress) throws IOException {
        line(
                out,
                "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET DateStyle = 'ISO, YMD';"
                        + " SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';");
        line(out, HEADER + encoded(progress));
    }

    @Override
    public void begin(OutputStream out) throws IOException {
        line(out, "BEGIN;");
    }

    @Override
    public void truncate(OutputStream out, List<Table> tables) throws IOException {
        // A table with checks that are still to come cannot be emptied, and earlier transactions may be in this one.
        line(out, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;");
        line(
                out,
                tables.stream()
                        .map(table -> table.name().quoted())
                        .collect(Collectors.joining(", ", "TRUNCATE ", ";")));
    }

    @Override
    public void change(OutputStream out, RowReader reader, Operation operation) throws IOException {
        Row row = operation.requireRow();
        String table = operation.table().name().quoted();
        switch (operation.kind()) {
            case UPSERT -> line(out, upsert(table, reader, row));
            case UPDATE -> {
                String set = assignments(reader, row, column -> !row.relation().isKey(column));
                if (!set.isEmpty()) {
                    line(out, "UPDATE " + table + " SET " + set + " WHERE " + key(reader, row) + ";");
                }
            }
            case DELETE -> line(out, "DELETE FROM " + table + " WHERE " + key(reader, row) + ";");
            case MOVE -> {
                Row from = operation.requireFrom();
                String old = key(RowReader.of(from.relation(), null), from);
                line(
                        out,
                        "DELETE FROM " + table + " WHERE " + key(reader, row) + " AND EXISTS (SELECT FROM " + table
                                + " WHERE " + old + ");");
                line(
                        out,
                        "UPDATE " + table + " SET " + assignments(reader, row, column -> true) + " WHERE " + old + ";");
            }
            case TRUNCATE -> throw new IllegalArgumentException("tables are emptied before the changes of a chunk");
        }
    }

    private static String upsert(String table, RowReader reader, Row row) {
        StringJoiner names = new StringJoiner(", ");
        StringJoiner values = new StringJoiner(", ");
        StringJoiner set = new StringJoiner(", ");
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)) {
                String name = name(row, c);
                names.add(name);
                values.add(value(reader, row, c));
                if (!row.relation().isKey(c)) {
                    set.add(name + " = EXCLUDED." + name);
                }
            }
        }
        StringJoiner key = new StringJoiner(", ");
        row.table().keyColumns().forEach(column -> key.add(TableName.quote(column)));
        return "INSERT INTO " + table + " (" + names + ") OVERRIDING SYSTEM VALUE VALUES (" + values + ") ON CONFLICT ("
                + key + ") DO " + (set.length() == 0 ? "NOTHING" : "UPDATE SET " + set) + ";";
    }

    private static String assignments(RowReader reader, Row row, IntPredicate wanted) {
        StringJoiner set = new StringJoiner(", ");
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c) && wanted.test(c)) {
                String name = name(row, c);
                set.add(name + " = " + (row.isAdded(c) ? name + " + " + row.text(c) : value(reader, row, c)));
            }
        }
        return set.toString();
    }

    private static String key(RowReader reader, Row row) {
        StringJoiner conditions = new StringJoiner(" AND ");
        for (int i = 0; i < row.relation().keySize(); i++) {
            int column = row.relation().keyColumn(i);
            conditions.add(name(row, column) + " = " + value(reader, row, column));
        }
        return conditions.toString();
    }

    private static String name(Row row, int column) {
        return TableName.quote(row.relation().columns().get(column).name());
    }

    private static String value(RowReader reader, Row row, int column) {
        return row.isNull(column) ? "NULL" : literal(reader.text(row, column));
    }

    /** On one line, and read alike whatever {@code standard_conforming_strings} is. */
    private static String literal(String text) {
        String quoted = text.replace("'", "''");
        if (text.indexOf('\\') < 0 && text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
            return "'" + quoted + "'";
        }
        return "E'" + quoted.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "'";
    }

    @Override
    public void commit(OutputStream out, long rows, String progress) throws IOException {
        line(out, COMMIT + encoded(progress));
    }

    private static String encoded(String progress) {
        return Base64.getEncoder().encodeToString(progress.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable String progressOf(String line) {
        for (String start : List.of(COMMIT, HEADER)) {
            if (line.startsWith(start)) {
                try {
                    return new String(
                            Base64.getDecoder().decode(line.substring(start.length())), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return null;
                }
            }
        }
        return null;
    }
}
