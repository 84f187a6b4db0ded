package dev.replicator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TopicNamesTest {
    private static String topic(String template, String schema, String table) {
        return TopicNames.of(template, "bard", "copy").of(new TableName(schema, table));
    }

    @Test
    void tablesThatDifferHaveTopicsThatDiffer() {
        String usual = "{sync}.{schema}.{table}";
        assertThat(topic(usual, "public", "order_items")).isEqualTo("bard.public.order_items");
        assertThat(topic(usual, "public", "Order Items")).isEqualTo("bard.public.Order-20Items");
        assertThat(topic(usual, "a.b", "c")).isEqualTo("bard.a-2Eb.c");
        assertThat(topic(usual, "a", "b.c")).isEqualTo("bard.a.b-2Ec");
        assertThat(topic(usual, "a", "b-2Ec")).isEqualTo("bard.a.b-2D2Ec");
        assertThat(topic(usual, "public", "\u00fc\"")).isEqualTo("bard.public.-C3-BC-22");
        assertThat(topic("{database}-x.{table}", "public", "work")).isEqualTo("copy-x.work");
        assertThat(TopicNames.of("_replicator.{sync}.{database}", "bard", "copy")
                        .ofSync())
                .isEqualTo("_replicator.bard.copy");
    }

    @Test
    void aTemplateThatWouldMixTablesUpIsRefused() {
        for (String template : List.of(
                "{table}",
                "x.{table}",
                "{schema}.{table}",
                "{table}_.{schema}",
                "{sync}{database}_{schema}.x.{table}")) {
            assertThat(TopicNames.problemOf(template, true)).as(template).isNull();
        }
        for (String template : List.of(
                "",
                "{schema}",
                "{schema}{table}",
                "{schema}_{table}",
                "{schema}-{table}",
                "{table}.{table}",
                "{schema}.{table}.{schema}",
                "{table} x",
                "{table}{pk}",
                "{table}}")) {
            assertThat(TopicNames.problemOf(template, true)).as(template).isNotNull();
        }
        assertThat(TopicNames.problemOf("x.{sync}.{database}", false)).isNull();
        assertThat(TopicNames.problemOf("x.{sync}", false)).isNotNull();
        assertThat(TopicNames.problemOf("{sync}.{database}.{table}", false)).isNotNull();
    }
}
