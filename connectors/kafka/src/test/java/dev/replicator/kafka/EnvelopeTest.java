package dev.replicator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EnvelopeTest {
    private static final Envelope ENVELOPE = new Envelope("1", "bard", "shake1", false);

    private static String key(String type, String value) {
        Table table = new Table(0, new TableName("public", "t"), List.of("k"), List.of(type));
        Row row = new Row.Builder(new Relation(table, List.of(new Column("k", 0, type, -1))))
                .text(value)
                .build();
        return new String(ENVELOPE.key(RowReader.of(row.relation(), null), row), StandardCharsets.UTF_8);
    }

    @Test
    void equalKeysHaveOneText() {
        assertThat(key("numeric", "1.50")).isEqualTo("{\"k\":\"1.5\"}");
        assertThat(key("numeric", "100")).isEqualTo("{\"k\":\"100\"}");
        assertThat(key("numeric", "-0.00")).isEqualTo("{\"k\":\"0\"}");
        assertThat(key("numeric", "NaN")).isEqualTo("{\"k\":\"NaN\"}");
        assertThat(key("bpchar", "ab  ")).isEqualTo("{\"k\":\"ab\"}");
        assertThat(key("float8", "-0")).isEqualTo("{\"k\":0}");
        assertThat(key("text", "a\"b ")).isEqualTo("{\"k\":\"a\\\"b \"}");
        assertThat(key("bool", "t")).isEqualTo("{\"k\":true}");
        assertThat(key("bytea", "\\x00ff")).isEqualTo("{\"k\":\"AP8=\"}");
    }
}
