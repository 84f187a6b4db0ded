package dev.replicator.opensearch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one request of {@code _bulk}: writes of documents, at most one for each, all with one version. One thread.
 */
final class BulkPage {
    /** Rows of a request. */
    static final int ROWS = 1000;

    private static final int BYTES = 4 << 20;
    private static final JsonFactory FACTORY =
            new JsonFactoryBuilder().rootValueSeparator((String) null).build();

    private final long version;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final List<Item> items = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();

    /**
     * One of the writes.
     *
     * @param reader null of a document that a TRUNCATE removes, as the row is not known
     * @param operation the same
     */
    record Item(
            String index,
            String id,
            @Nullable RowReader reader,
            @Nullable Operation operation) {}

    /** Writes one document. */
    interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    BulkPage(long version) {
        this.version = version;
    }

    boolean isFull() {
        return items.size() >= ROWS || lines.size() >= BYTES;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    List<Item> items() {
        return items;
    }

    void index(Item item, Body body) {
        add("index", item, null, body);
    }

    /** {@code routing}: that of the document, if it has one of its own. */
    void delete(Item item, @Nullable String routing) {
        add("delete", item, routing, null);
    }

    private void add(String action, Item item, @Nullable String routing, @Nullable Body body) {
        starts.add(lines.size());
        try (JsonGenerator json = FACTORY.createGenerator(lines).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeObjectFieldStart(action);
            json.writeStringField("_index", item.index());
            json.writeStringField("_id", item.id());
            if (routing != null) {
                json.writeStringField("routing", routing);
            }
            json.writeNumberField("version", version);
            json.writeStringField("version_type", "external_gte");
            json.writeEndObject();
            json.writeEndObject();
            json.writeRaw('\n');
            if (body != null) {
                body.write(json);
                json.writeRaw('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        items.add(item);
    }

    /** All lines. */
    byte[] lines() {
        return lines.toByteArray();
    }

    /** Those of some items. */
    byte[] lines(List<Integer> numbers) {
        byte[] all = lines.toByteArray();
        ByteArrayOutputStream some = new ByteArrayOutputStream();
        for (int number : numbers) {
            int end = number + 1 < starts.size() ? starts.get(number + 1) : all.length;
            some.write(all, starts.get(number), end - starts.get(number));
        }
        return some.toByteArray();
    }

    List<Integer> numbers() {
        return IntStream.range(0, items.size()).boxed().toList();
    }
}
