package dev.replicator.opensearch;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.SpecialValue;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of rows: a field for each column, those of the key included, of the type that {@link FieldType} says.
 * Numbers have all their digits there, whatever the index makes of them. Any thread.
 */
final class Documents {
    private static final String NULL = "null";
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ISO_LOCAL_DATE_TIME;
    /** The days that PostgreSQL's types end with; all of them are dates for the server. */
    private static final LocalDate FIRST_DAY = LocalDate.of(-4713, 11, 24);

    private static final LocalDate LAST_DAY = LocalDate.of(5874897, 12, 31);
    private static final LocalDateTime LAST_MOMENT = LocalDateTime.parse("+294276-12-31T23:59:59.999999");

    private static final StreamReadConstraints UNLIMITED = StreamReadConstraints.builder()
            .maxNestingDepth(Integer.MAX_VALUE)
            .maxNumberLength(Integer.MAX_VALUE)
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .build();
    /** Exact; of several members of one name the last counts, as for PostgreSQL's {@code ->}. */
    private static final JsonMapper MAPPER = mapper();

    private final OpenSearchOptions options;

    Documents(OpenSearchOptions options) {
        this.options = options;
    }

    private static JsonMapper mapper() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
        mapper.getFactory().setStreamReadConstraints(UNLIMITED);
        return mapper;
    }

    /** A value that its field cannot hold, with the option {@code unrepresentable: stop}. */
    static final class Unrepresentable extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String column;

        Unrepresentable(String column) {
            super("column " + column);
            this.column = column;
        }

        String column() {
            return column;
        }
    }

    /** Writes one document. {@code row}: a whole one; {@code fields}: by column. */
    void write(JsonGenerator json, RowReader reader, FieldType[] fields, Row row) throws IOException {
        json.writeStartObject();
        for (int c = 0; c < row.relation().size(); c++) {
            String name = reader.type(c).name();
            if (!row.isNull(c)) {
                json.writeFieldName(name);
                value(json, reader, fields[c], row, c);
            } else if (!options.nullAbsent()) {
                json.writeNullField(name);
            }
        }
        json.writeEndObject();
    }

    private void value(JsonGenerator json, RowReader reader, FieldType field, Row row, int c) throws IOException {
        String name = reader.type(c).name();
        ValueType type = reader.type(c).type();
        if (type == ValueType.ARRAY) {
            element(json, name, field, reader.type(c).element(), reader.value(row, c));
        } else if (field == FieldType.DATE || field == FieldType.BINARY) {
            typed(json, name, type, reader.value(row, c));
        } else {
            scalar(json, name, field, reader.text(row, c));
        }
    }

    private void element(
            JsonGenerator json, String column, FieldType field, @Nullable ValueType type, @Nullable Object value)
            throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object each : list) {
                element(json, column, field, type, each);
            }
            json.writeEndArray();
        } else if (type == null) {
            json.writeString(value.toString());
        } else if (field == FieldType.DATE || field == FieldType.BINARY) {
            typed(json, column, type, value);
        } else {
            scalar(json, column, field, RowReader.text(type, value));
        }
    }

    private void scalar(JsonGenerator json, String column, FieldType field, String text) throws IOException {
        switch (field) {
            case BOOLEAN -> json.writeBoolean(text.equals("t"));
            case SHORT, INTEGER, LONG -> number(json, column, text, isNumber(text), Long.MIN_VALUE, Long.MAX_VALUE);
            case FLOAT ->
                number(json, column, text, isNumber(text), -(double) Float.MAX_VALUE, (double) Float.MAX_VALUE);
            case DOUBLE ->
                number(
                        json,
                        column,
                        text,
                        isNumber(text) && Double.isFinite(Double.parseDouble(text)),
                        -Double.MAX_VALUE,
                        Double.MAX_VALUE);
            case KEYWORD, TEXT -> json.writeString(text);
            case JSON -> json.writeRawValue(json(text));
            case BINARY, DATE -> throw new IllegalArgumentException("a " + field + " is no text");
        }
    }

    private static boolean isNumber(String text) {
        return !text.endsWith("NaN") && !text.endsWith("Infinity");
    }

    private void number(JsonGenerator json, String column, String text, boolean fits, Number least, Number largest)
            throws IOException {
        if (fits) {
            json.writeNumber(text);
        } else {
            instead(json, column, text.equals("NaN") ? NULL : (text.startsWith("-") ? least : largest).toString());
        }
    }

    private void instead(JsonGenerator json, String column, String nearest) throws IOException {
        switch (options.unrepresentable()) {
            case "null" -> json.writeNull();
            case "nearest" -> json.writeRawValue(nearest);
            default -> throw new Unrepresentable(column);
        }
    }

    private void typed(JsonGenerator json, String column, ValueType type, @Nullable Object value) throws IOException {
        if (value instanceof byte[] bytes) {
            json.writeBinary(bytes);
        } else if (value instanceof LocalDate date) {
            json.writeString(date.toString());
        } else if (value instanceof LocalDateTime moment) {
            json.writeString(MOMENT.format(moment));
        } else if (value instanceof Instant instant) {
            json.writeString(MOMENT.format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)) + "Z");
        } else {
            instead(json, column, '"' + nearest(type, value == SpecialValue.INFINITY) + '"');
        }
    }

    private static String nearest(ValueType type, boolean last) {
        String zone = type == ValueType.TIMESTAMPTZ ? "Z" : "";
        return type == ValueType.DATE
                ? (last ? LAST_DAY : FIRST_DAY).toString()
                : MOMENT.format(last ? LAST_MOMENT : FIRST_DAY.atStartOfDay()) + zone;
    }

    /** In one line, and without two members of one name, which the server takes for an error. */
    private static String json(String text) {
        try (JsonParser parser = MAPPER.getFactory().createParser(text)) {
            parser.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
            while (parser.nextToken() != null) {
                // Only looked through.
            }
            // In JSON they can only stand between tokens.
            return text.replace('\n', ' ').replace('\r', ' ');
        } catch (StreamReadException e) {
            return withoutDuplicates(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutDuplicates(String text) {
        try {
            JsonNode tree = MAPPER.readTree(text);
            return MAPPER.writeValueAsString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
