package dev.replicator.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BulkPageTest {
    private static final String META = "\"version\":7,\"version_type\":\"external_gte\"}}\n";

    @Test
    void someOfItsLinesCanBeSentAgain() {
        BulkPage page = new BulkPage(7);
        page.index(item("1"), json -> {
            json.writeStartObject();
            json.writeStringField("note", "a\nb");
            json.writeEndObject();
        });
        page.delete(item("2"), null);
        page.delete(item("3"), "there");
        String first = "{\"index\":{\"_index\":\"stock\",\"_id\":\"1\"," + META + "{\"note\":\"a\\nb\"}\n";
        String second = "{\"delete\":{\"_index\":\"stock\",\"_id\":\"2\"," + META;
        String third = "{\"delete\":{\"_index\":\"stock\",\"_id\":\"3\",\"routing\":\"there\"," + META;
        assertThat(text(page.lines())).isEqualTo(first + second + third);
        assertThat(text(page.lines(List.of(0, 2)))).isEqualTo(first + third);
        assertThat(text(page.lines(List.of(1)))).isEqualTo(second);
        assertThat(page.numbers()).containsExactly(0, 1, 2);
        assertThat(page.isFull()).isFalse();
    }

    private static BulkPage.Item item(String id) {
        return new BulkPage.Item("stock", id, null, null);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
