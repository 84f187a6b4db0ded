package dev.replicator.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DocumentIdsTest {
    private static String id(String type, String... values) {
        String[] columns = new String[values.length];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = "k" + i + " " + type;
        }
        Rows rows = new Rows(columns.length, columns);
        return DocumentIds.of(rows.reader(), rows.row(values));
    }

    @Test
    void keysThatDifferHaveIdsThatDiffer() {
        assertThat(id("text", "a", "b")).isEqualTo("a:b");
        assertThat(id("text", "a:b")).isEqualTo("a%3Ab");
        assertThat(id("text", "a%3Ab")).isEqualTo("a%253Ab");
        assertThat(id("text", "")).isEqualTo("%");
        assertThat(id("text", "%")).isEqualTo("%25");
        assertThat(id("text", "", "")).isEqualTo(":");
        assertThat(id("text", "A")).isNotEqualTo(id("text", "a"));
        assertThat(id("text", "a ")).isNotEqualTo(id("text", "a"));
    }

    @Test
    void equalKeysHaveOneId() {
        assertThat(id("numeric", "100.50")).isEqualTo("100.5");
        assertThat(id("numeric", "100")).isEqualTo("100");
        assertThat(id("numeric", "-0.00")).isEqualTo("0");
        assertThat(id("bpchar", "ab  ")).isEqualTo("ab");
        assertThat(id("float8", "-0")).isEqualTo("0");
    }

    @Test
    void whatIsTooLongForTheServerIsHashed() {
        assertThat(id("text", "x".repeat(512))).isEqualTo("x".repeat(512));
        assertThat(id("text", "é".repeat(256))).isEqualTo("é".repeat(256));
        String hashed = id("text", "é".repeat(257));
        assertThat(hashed).matches("%sha256:[0-9a-f]{64}").isEqualTo(id("text", "é".repeat(257)));
        assertThat(hashed).isNotEqualTo(id("text", "é".repeat(258)));
        assertThat(id("text", hashed)).startsWith("%25sha256%3A");
    }
}
