package dev.replicator.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.replicator.codec.RowReader;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Keys and messages in the form of Debezium's without schemas: {@code before}, {@code after}, {@code source}, {@code
 * transaction}, {@code op}, {@code ts_ms}. Immutable; any thread. Source: Debezium documentation, "Debezium connector for
 * PostgreSQL", data change events, and "Transaction metadata".
 */
final class Envelope {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int USUAL_BYTES = 512;

    private final String version;
    private final String sync;
    private final String database;
    private final boolean placeholders;

    /** {@code database}: what {@code source} calls the database that was read. */
    Envelope(String version, String sync, String database, boolean placeholders) {
        this.version = version;
        this.sync = sync;
        this.database = database;
        this.placeholders = placeholders;
    }

    /**
     * Of which change a message is.
     *
     * @param op Debezium's letter
     * @param transaction its number; the same for all messages of a batch
     * @param order its place among all of the transaction, from 1
     * @param orderInTable its place among those of its table, from 1
     * @param committedMillis when the newest source transaction of the batch was committed
     * @param writtenMillis when it is written
     */
    record Place(
            String op, String transaction, long order, long orderInTable, long committedMillis, long writtenMillis) {}

    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] bytes(Body body) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(null, USUAL_BYTES)) {
            try (JsonGenerator json = JSON.createGenerator(bytes)) {
                body.write(json);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] key(RowReader reader, Row row) {
        return bytes(json -> JsonValues.key(json, reader, row));
    }

    byte[] value(TableName table, RowReader reader, @Nullable Row before, @Nullable Row after, Place place) {
        return bytes(json -> {
            json.writeStartObject();
            part(json, "before", reader, before, false);
            part(json, "after", reader, after, placeholders);
            rest(json, table, place);
            json.writeEndObject();
        });
    }

    /** Of a TRUNCATE. */
    byte[] truncation(TableName table, Place place) {
        return bytes(json -> {
            json.writeStartObject();
            json.writeNullField("before");
            json.writeNullField("after");
            rest(json, table, place);
            json.writeEndObject();
        });
    }

    private static void part(JsonGenerator json, String name, RowReader reader, @Nullable Row row, boolean placeholders)
            throws IOException {
        json.writeFieldName(name);
        if (row == null) {
            json.writeNull();
        } else {
            JsonValues.row(json, reader, row, placeholders);
        }
    }

    private void rest(JsonGenerator json, TableName table, Place place) throws IOException {
        json.writeObjectFieldStart("source");
        json.writeStringField("version", version);
        json.writeStringField("connector", "replicator");
        json.writeStringField("name", sync);
        json.writeNumberField("ts_ms", place.committedMillis());
        json.writeStringField("snapshot", "false");
        json.writeStringField("db", database);
        json.writeStringField("schema", table.schema());
        json.writeStringField("table", table.name());
        json.writeEndObject();
        json.writeObjectFieldStart("transaction");
        json.writeStringField("id", place.transaction());
        json.writeNumberField("total_order", place.order());
        json.writeNumberField("data_collection_order", place.orderInTable());
        json.writeEndObject();
        json.writeStringField("op", place.op());
        json.writeNumberField("ts_ms", place.writtenMillis());
    }
}
