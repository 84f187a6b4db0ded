package dev.replicator.postgres;

import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A row's key for a message, as the server writes it in its own: {@code (id, part)=(7, a)}; long values are cut. */
final class KeyText {
    private static final int MAX_CHARS = 60;

    private KeyText() {}

    static String of(Row row) {
        Relation relation = row.relation();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < relation.keySize(); i++) {
            values.add(value(row, relation.keyColumn(i)));
        }
        return "(" + String.join(", ", relation.table().keyColumns()) + ")=(" + String.join(", ", values) + ")";
    }

    private static String value(Row row, int column) {
        byte[] bytes = new byte[row.length(column)];
        System.arraycopy(row.bytes(), row.start(column), bytes, 0, bytes.length);
        String type = row.kind(column) == Row.BINARY
                ? row.relation().columns().get(column).type()
                : "text";
        String text = text(type, bytes);
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
    }

    private static String text(String type, byte[] bytes) {
        return switch (type) {
            case "int2" -> Short.toString(ByteBuffer.wrap(bytes).getShort());
            case "int4" -> Integer.toString(ByteBuffer.wrap(bytes).getInt());
            case "int8" -> Long.toString(ByteBuffer.wrap(bytes).getLong());
            case "text", "varchar", "bpchar", "name" -> new String(bytes, StandardCharsets.UTF_8);
            default -> "binary " + HexFormat.of().formatHex(bytes);
        };
    }
}
