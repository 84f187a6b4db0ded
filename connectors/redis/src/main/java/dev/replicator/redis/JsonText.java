package dev.replicator.redis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Row;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows and values as JSON: numbers with all their digits, booleans, NULL as null, arrays as arrays, json and jsonb as what
 * they are, and everything else as a string in PostgreSQL's text form; NaN and the infinities, too. Any thread.
 */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    /** What writes one text. */
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static String text(Body body) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            body.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    static String string(String value) {
        return text(json -> json.writeString(value));
    }

    /** The columns that are carried, increments left out. */
    static String row(RowReader reader, Row row) {
        return text(json -> {
            json.writeStartObject();
            for (int c = 0; c < row.relation().size(); c++) {
                if (!row.isAbsent(c) && !row.isAdded(c)) {
                    json.writeFieldName(reader.type(c).name());
                    value(json, reader, row, c);
                }
            }
            json.writeEndObject();
        });
    }

    /** What is added to counters; empty where nothing is. */
    static String increments(RowReader reader, Row row) {
        String text = text(json -> {
            json.writeStartObject();
            for (int c = 0; c < row.relation().size(); c++) {
                if (row.isAdded(c)) {
                    json.writeFieldName(reader.type(c).name());
                    json.writeNumber(row.text(c));
                }
            }
            json.writeEndObject();
        });
        return text.equals("{}") ? "" : text;
    }

    /** The key columns. */
    static String key(RowReader reader, Row row) {
        return text(json -> {
            json.writeStartObject();
            for (int i = 0; i < row.relation().keySize(); i++) {
                int column = row.relation().keyColumn(i);
                json.writeFieldName(reader.type(column).name());
                value(json, reader, row, column);
            }
            json.writeEndObject();
        });
    }

    static String value(RowReader reader, Row row, int column) {
        return text(json -> value(json, reader, row, column));
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
            case BOOL -> json.writeBoolean(text.equals("t"));
            case INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC -> {
                if (text.endsWith("NaN") || text.endsWith("Infinity")) {
                    json.writeString(text);
                } else {
                    json.writeNumber(text);
                }
            }
            case JSON, JSONB -> json.writeRawValue(text);
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
