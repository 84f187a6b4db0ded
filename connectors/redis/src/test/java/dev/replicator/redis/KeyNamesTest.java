package dev.replicator.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyNamesTest {
    private static String key(KeyNames names, String table, String type, String... values) {
        List<Column> columns = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            keys.add("k" + i);
            columns.add(new Column("k" + i, 0, type, -1));
        }
        Table keyed = new Table(
                0,
                new TableName("public", table),
                keys,
                keys.stream().map(key -> type).toList());
        Row.Builder row = new Row.Builder(new Relation(keyed, columns));
        for (String value : values) {
            row.text(value);
        }
        Row built = row.build();
        return names.of(RowReader.of(built.relation(), null), built);
    }

    @Test
    void keysThatDifferHaveNamesThatDiffer() {
        KeyNames names = KeyNames.of("{table}:{pk}", "");
        assertThat(key(names, "play", "text", "a", "b")).isEqualTo("play:a:b");
        assertThat(key(names, "play", "text", "a:b")).isEqualTo("play:a%3Ab");
        assertThat(key(names, "play:a", "text", "b")).isEqualTo("play%3Aa:b");
        assertThat(key(names, "play", "text", "a%3Ab")).isEqualTo("play:a%253Ab");
        assertThat(key(names, "play", "text", "{a}")).isEqualTo("play:%7Ba%7D");
        assertThat(key(names, "play", "text", "")).isEqualTo("play:");
        assertThat(key(names, "play", "text", "", "")).isEqualTo("play::");
        assertThat(key(KeyNames.of("x\u00fc/{table}-{pk}", ""), "a-b", "text", "\u00fc/y"))
                .isEqualTo("x\u00fc/a%2Db-%C3%BC%2Fy");
    }

    @Test
    void equalKeysHaveOneName() {
        KeyNames names = KeyNames.of("{table}:{pk}", "bard");
        assertThat(key(names, "t", "numeric", "100.50")).isEqualTo("{bard}t:100.5");
        assertThat(key(names, "t", "numeric", "100")).isEqualTo("{bard}t:100");
        assertThat(key(names, "t", "numeric", "-0.00")).isEqualTo("{bard}t:0");
        assertThat(key(names, "t", "bpchar", "ab  ")).isEqualTo("{bard}t:ab");
        assertThat(key(names, "t", "float8", "-0")).isEqualTo("{bard}t:0");
    }

    @Test
    void aTemplateThatWouldMixKeysUpIsRefused() {
        assertThat(KeyNames.problemOf("{table}:{pk}", true)).isNull();
        assertThat(KeyNames.problemOf("app.{schema}.{table}/{pk}:row", true)).isNull();
        assertThat(KeyNames.problemOf("{table}:changes", false)).isNull();
        for (String template : List.of(
                "{pk}",
                "{table}",
                "{pk}:{table}",
                "{table}{pk}",
                "{table}x{pk}",
                "{table}:{id}",
                "{table}%{pk}",
                "{table}:{pk}}")) {
            assertThat(KeyNames.problemOf(template, true)).as(template).isNotNull();
        }
    }

    @Test
    void thePatternOfATableMatchesItsKeysOnly() {
        KeyNames names = KeyNames.of("{schema}.{table}:{pk}", "b*");
        assertThat(names.pattern(new TableName("public", "a[b]*"))).isEqualTo("{b\\*}public.a\\[b\\]\\*:*");
    }
}
