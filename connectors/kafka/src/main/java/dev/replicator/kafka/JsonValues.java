package dev.replicator.kafka;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Row;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of rows as JSON, as Debezium writes them without schemas where numbers are exact ({@code decimal.handling.mode}
 * {@code string}): booleans, whole numbers and floating point as what they are, bytea in base64, arrays as arrays, everything
 * else as a string in PostgreSQL's text form. Any thread.
 */
final class JsonValues {
    /** What Debezium writes where the log lacks a value that did not change. */
    static final String UNAVAILABLE = "__debezium_unavailable_value";

    private JsonValues() {}

    /** All columns that are carried; {@code placeholders}: the others, too. */
    static void row(JsonGenerator json, RowReader reader, Row row, boolean placeholders) throws IOException {
        json.writeStartObject();
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)) {
                json.writeFieldName(reader.type(c).name());
                value(json, reader, row, c);
            } else if (placeholders) {
                json.writeStringField(reader.type(c).name(), UNAVAILABLE);
            }
        }
        json.writeEndObject();
    }

    /** The columns of the key; equal keys have equal texts. */
    static void key(JsonGenerator json, RowReader reader, Row row) throws IOException {
        json.writeStartObject();
        for (int i = 0; i < row.relation().keySize(); i++) {
            int column = row.relation().keyColumn(i);
            json.writeFieldName(reader.type(column).name());
            if (row.isNull(column)) {
                json.writeNull();
                continue;
            }
            switch (reader.type(column).type()) {
                case NUMERIC -> json.writeString(shortest(reader.text(row, column)));
                case BPCHAR -> json.writeString(reader.text(row, column).replaceFirst(" +$", ""));
                case FLOAT4, FLOAT8 -> {
                    String text = reader.text(row, column);
                    scalar(json, ValueType.FLOAT8, text.equals("-0") ? "0" : text);
                }
                default -> value(json, reader, row, column);
            }
        }
        json.writeEndObject();
    }

    private static String shortest(String number) {
        if (!number.matches("-?[0-9.]+")) {
            return number;
        }
        BigDecimal value = new BigDecimal(number);
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private static void value(JsonGenerator json, RowReader reader, Row row, int column) throws IOException {
        if (row.isNull(column)) {
            json.writeNull();
        } else if (reader.type(column).type() == ValueType.ARRAY) {
            element(json, reader.type(column).element(), reader.value(row, column));
        } else {
            scalar(json, reader.type(column).type(), reader.text(row, column));
        }
    }

    private static void scalar(JsonGenerator json, ValueType type, String text) throws IOException {
        switch (type) {
            case BOOL -> json.writeBoolean(text.equals("t") || text.equals("true"));
            case INT2, INT4, INT8, OID -> json.writeNumber(text);
            case FLOAT4, FLOAT8 -> {
                if (text.endsWith("NaN") || text.endsWith("Infinity")) {
                    json.writeString(text);
                } else {
                    json.writeNumber(text);
                }
            }
            case BYTEA ->
                json.writeString(
                        Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text, 2, text.length())));
            default -> json.writeString(text);
        }
    }

    private static void element(JsonGenerator json, @Nullable ValueType type, @Nullable Object value)
            throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object each : list) {
                element(json, type, each);
            }
            json.writeEndArray();
        } else if (type == null) {
            json.writeString(value.toString());
        } else {
            scalar(json, type, RowReader.text(type, value));
        }
    }
}
