package dev.replicator.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object on each line: {@code header}, {@code upsert}, {@code update}, {@code delete}, {@code move}, {@code truncate},
 * and {@code commit} at the end of a batch. Whole numbers, booleans, jsonb, and arrays of whole numbers, booleans or texts (without
 * their lower bounds) are JSON values, everything else is a string in PostgreSQL's text form, exact and reversible.
 */
final class JsonLines implements BatchFormat {
    private static final String FORMAT = "replicator jsonl 1";
    private static final Set<ValueType> PLAIN = Set.copyOf(
            List.of(ValueType.BOOL, ValueType.INT2, ValueType.INT4, ValueType.INT8, ValueType.OID, ValueType.TEXT));
    private static final String COMMIT = "{\"op\":\"commit\"";
    private static final String HEADER = "{\"op\":\"header\"";

    private final JsonFactory json = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
    private final ObjectMapper mapper = new ObjectMapper(json);

    /** The members of a line after {@code op}. */
    private interface Members {
        void write(JsonGenerator line) throws IOException;
    }

    private void line(OutputStream out, String operation, Members members) throws IOException {
        try (JsonGenerator line = json.createGenerator(out)) {
            line.writeStartObject();
            line.writeStringField("op", operation);
            members.write(line);
            line.writeEndObject();
        }
        out.write('\n');
    }

    @Override
    public String suffix() {
        return "jsonl";
    }

    @Override
    public void header(OutputStream out, String sync, String progress) throws IOException {
        line(out, "header", line -> {
            line.writeStringField("format", FORMAT);
            line.writeStringField("sync", sync);
            line.writeStringField("progress", progress);
        });
    }

    @Override
    public void begin(OutputStream out) {
        // The line "commit" is enough.
    }

    @Override
    public void truncate(OutputStream out, List<Table> tables) throws IOException {
        for (Table table : tables) {
            line(out, "truncate", line -> table(line, table));
        }
    }

    @Override
    public void change(OutputStream out, RowReader reader, Operation operation) throws IOException {
        Row row = operation.requireRow();
        Relation relation = row.relation();
        switch (operation.kind()) {
            case UPSERT ->
                line(out, "upsert", line -> {
                    table(line, operation.table());
                    columns(line, "key", reader, row, relation::isKey);
                    columns(line, "row", reader, row, column -> true);
                });
            case UPDATE ->
                line(out, "update", line -> {
                    table(line, operation.table());
                    columns(line, "key", reader, row, relation::isKey);
                    changed(line, reader, row, column -> !relation.isKey(column));
                });
            case DELETE ->
                line(out, "delete", line -> {
                    table(line, operation.table());
                    columns(line, "key", reader, row, relation::isKey);
                });
            case MOVE ->
                line(out, "move", line -> {
                    Row from = operation.requireFrom();
                    table(line, operation.table());
                    columns(line, "key", RowReader.of(from.relation(), null), from, from.relation()::isKey);
                    changed(line, reader, row, column -> true);
                });
            case TRUNCATE -> throw new IllegalArgumentException("tables are emptied before the changes of a chunk");
        }
    }

    private static void table(JsonGenerator line, Table table) throws IOException {
        line.writeStringField("schema", table.name().schema());
        line.writeStringField("table", table.name().name());
    }

    /** What an update sets, and what it adds to counters. */
    private static void changed(JsonGenerator line, RowReader reader, Row row, IntPredicate wanted) throws IOException {
        columns(line, "set", reader, row, column -> wanted.test(column) && !row.isAdded(column));
        boolean adds = false;
        for (int c = 0; c < row.relation().size(); c++) {
            if (row.isAdded(c)) {
                if (!adds) {
                    line.writeObjectFieldStart("add");
                    adds = true;
                }
                line.writeStringField(row.relation().columns().get(c).name(), row.text(c));
            }
        }
        if (adds) {
            line.writeEndObject();
        }
    }

    private static void columns(JsonGenerator line, String name, RowReader reader, Row row, IntPredicate wanted)
            throws IOException {
        line.writeObjectFieldStart(name);
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c) && wanted.test(c)) {
                line.writeFieldName(row.relation().columns().get(c).name());
                if (row.isNull(c)) {
                    line.writeNull();
                } else {
                    value(line, reader, row, c);
                }
            }
        }
        line.writeEndObject();
    }

    private static void value(JsonGenerator line, RowReader reader, Row row, int column) throws IOException {
        ValueType type = reader.type(column).type();
        switch (type) {
            // PostgreSQL writes it on one line, and as correct JSON.
            case JSONB -> line.writeRawValue(reader.text(row, column));
            case BOOL, INT2, INT4, INT8, OID -> plain(line, reader.value(row, column));
            case ARRAY -> array(line, reader, row, column);
            default -> line.writeString(reader.text(row, column));
        }
    }

    private static void array(JsonGenerator line, RowReader reader, Row row, int column) throws IOException {
        ValueType element = reader.type(column).element();
        if (element != null && PLAIN.contains(element)) {
            plain(line, reader.value(row, column));
        } else {
            line.writeString(reader.text(row, column));
        }
    }

    private static void plain(JsonGenerator line, @Nullable Object value) throws IOException {
        if (value == null) {
            line.writeNull();
        } else if (value instanceof Boolean flag) {
            line.writeBoolean(flag);
        } else if (value instanceof Long number) {
            line.writeNumber(number);
        } else if (value instanceof List<?> list) {
            line.writeStartArray();
            for (Object element : list) {
                plain(line, element);
            }
            line.writeEndArray();
        } else {
            line.writeString((String) value);
        }
    }

    @Override
    public void commit(OutputStream out, long rows, String progress) throws IOException {
        line(out, "commit", line -> {
            line.writeNumberField("rows", rows);
            line.writeStringField("progress", progress);
        });
    }

    @Override
    public @Nullable String progressOf(String line) {
        if (!line.startsWith(COMMIT) && !line.startsWith(HEADER)) {
            return null;
        }
        try {
            JsonNode object = mapper.readTree(line.getBytes(StandardCharsets.UTF_8));
            return object.path("progress").asText(null);
        } catch (JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }
}
