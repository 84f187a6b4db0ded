package dev.replicator.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IndexNamesTest {
    private static String name(String template, String schema, String table) {
        return IndexNames.of(template).of(new TableName(schema, table));
    }

    @Test
    void whatTheServerDoesNotAllowIsEscaped() {
        assertThat(name("{table}", "public", "work_2")).isEqualTo("work_2");
        assertThat(name("{table}", "public", "Work")).isEqualTo("~57ork");
        assertThat(name("{table}", "public", "a b/c\"*?#,:<>|\\")).isEqualTo("a~20b~2fc~22~2a~3f~23~2c~3a~3c~3e~7c~5c");
        assertThat(name("{table}", "public", "ünï")).isEqualTo("~c3~bcn~c3~af");
        assertThat(name("{table}", "public", "_a")).isEqualTo("~5fa");
        assertThat(name("{table}", "public", "..")).isEqualTo("~2e.");
        assertThat(name("shake-{table}", "public", "_a.b")).isEqualTo("shake-_a.b");
    }

    @Test
    void tablesThatDifferHaveNamesThatDiffer() {
        assertThat(name("{table}", "public", "work~57")).isEqualTo("work~7e57");
        assertThat(name("{schema}.{table}", "a.b", "c")).isEqualTo("a~2eb.c");
        assertThat(name("{schema}.{table}", "a", "b.c")).isEqualTo("a.b~2ec");
        assertThat(name("{schema}-{table}", "a", "b.c")).isEqualTo("a-b.c");
    }

    @Test
    void aTemplateThatWouldMixTablesUpIsRefused() {
        assertThat(IndexNames.problemOf("{table}")).isNull();
        assertThat(IndexNames.problemOf("shake-{schema}.{table}_v2")).isNull();
        for (String template : List.of(
                "",
                "shake",
                "{schema}",
                "{schema}{table}",
                "{schema}_{table}",
                "Shake-{table}",
                "_{table}",
                "-{table}",
                "{table}/{schema}",
                "{table}~",
                "{table}-{id}",
                "{table}}")) {
            assertThat(IndexNames.problemOf(template)).as(template).isNotNull();
        }
    }
}
