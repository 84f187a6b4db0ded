package dev.replicator.opensearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RestUrlTest {
    @Test
    void aPathStandsBeforeThatOfEachRequest() {
        assertThat(RestUrl.parse("https://search.example").of("/_bulk"))
                .hasToString("https://search.example:9200/_bulk");
        assertThat(RestUrl.parse("http://search.example:80/a%20b/").of("/x/_doc/" + RestUrl.part("a b/%+é")))
                .hasToString("http://search.example:80/a%20b/x/_doc/a%20b%2F%25%2B%C3%A9");
    }

    @Test
    void whatCannotBeUsedIsNamed() {
        assertThat(RestUrl.problemOf("https://[::1]:9200/search")).isNull();
        for (String url : List.of(
                "https:search.example",
                "https:///x",
                "https://bard@search.example",
                "https://search.example/?a=b",
                "https://search.example/#a",
                "https://search example")) {
            assertThat(RestUrl.problemOf(url)).as(url).isNotNull();
        }
    }
}
