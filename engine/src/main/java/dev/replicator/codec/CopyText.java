package dev.replicator.codec;

import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One line of COPY's text format as a row, and back. Any thread. Source: PostgreSQL documentation of COPY, "Text Format";
 * {@code CopyAttributeOutText} in {@code copyto.c}.
 */
public final class CopyText {
    private CopyText() {}

    /** A line, with or without the newline at its end, with one value for each column. */
    public static Row parse(Relation relation, byte[] line) {
        Row.Builder row = new Row.Builder(relation);
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        int start = 0;
        for (int i = 0; i <= end; i++) {
            // A tab within a value is written as backslash and t.
            if (i == end || line[i] == '\t') {
                value(row, line, start, i);
                start = i + 1;
            }
        }
        return row.build();
    }

    private static void value(Row.Builder row, byte[] line, int start, int end) {
        if (end - start == 2 && line[start] == '\\' && line[start + 1] == 'N') {
            row.nil();
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i++) {
            if (line[i] == '\\' && i + 1 < end) {
                bytes.write(unescaped(line[++i]));
            } else {
                bytes.write(line[i]);
            }
        }
        row.text(bytes.toString(StandardCharsets.UTF_8));
    }

    private static byte unescaped(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0b;
            default -> letter;
        };
    }

    /** A row whose values are text or null, as a line with its newline. */
    public static byte[] format(Row row) {
        ByteArrayOutputStream line = new ByteArrayOutputStream(row.bytes().length + 16);
        for (int c = 0; c < row.relation().size(); c++) {
            if (c > 0) {
                line.write('\t');
            }
            if (row.isNull(c)) {
                line.write('\\');
                line.write('N');
            } else {
                for (int i = row.start(c); i < row.start(c) + row.length(c); i++) {
                    escaped(line, row.bytes()[i]);
                }
            }
        }
        line.write('\n');
        return line.toByteArray();
    }

    private static void escaped(ByteArrayOutputStream line, byte value) {
        switch (value) {
            case '\\' -> write(line, '\\');
            case '\n' -> write(line, 'n');
            case '\r' -> write(line, 'r');
            case '\t' -> write(line, 't');
            default -> line.write(value);
        }
    }

    private static void write(ByteArrayOutputStream line, char letter) {
        line.write('\\');
        line.write(letter);
    }
}
