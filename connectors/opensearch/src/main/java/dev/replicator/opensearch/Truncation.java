package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes all documents of an index, those of others included: they are listed, after a refresh that makes the list complete,
 * and deleted under one version, so that none is removed that a later session has written. One thread.
 */
final class Truncation {
    private static final String KEPT_FOR = "5m";

    private final RestSession rest;
    private final BulkWriter writer;

    Truncation(RestSession rest, BulkWriter writer) {
        this.rest = rest;
        this.writer = writer;
    }

    void run(String index, long version) {
        refresh(rest, List.of(index));
        ObjectNode query = RestSession.JSON
                .createObjectNode()
                .put("size", BulkPage.ROWS)
                .put("_source", false)
                .put("sort", "_doc");
        JsonNode page = answer(
                index,
                rest.post(
                        "/" + RestUrl.part(index) + "/_search?allow_partial_search_results=false&scroll=" + KEPT_FOR,
                        query));
        @Nullable String scroll = page.path("_scroll_id").textValue();
        while (!page.path("hits").path("hits").isEmpty()) {
            BulkPage deletes = new BulkPage(version);
            for (JsonNode hit : page.path("hits").path("hits")) {
                deletes.delete(
                        new BulkPage.Item(
                                hit.path("_index").asText(), hit.path("_id").asText(), null, null),
                        hit.path("_routing").textValue());
            }
            writer.send(deletes);
            page = answer(
                    index,
                    rest.post(
                            "/_search/scroll",
                            RestSession.JSON
                                    .createObjectNode()
                                    .put("scroll", KEPT_FOR)
                                    .put("scroll_id", scroll)));
            scroll = page.path("_scroll_id").asText(scroll);
        }
        // If that fails, the server forgets the list by itself.
        rest.delete("/_search/scroll", RestSession.JSON.createObjectNode().put("scroll_id", scroll));
    }

    /** Whether there is nothing to remove. */
    boolean isEmpty(String index) {
        refresh(rest, List.of(index));
        JsonNode counted = answer(index, rest.get("/" + RestUrl.part(index) + "/_count?terminate_after=1"));
        return counted.path("count").asLong() == 0;
    }

    private static JsonNode answer(String index, RestAnswer answer) {
        String doing = "list the documents of index \"" + index + "\"";
        if (!answer.isGood()) {
            throw RestErrors.of(doing, answer);
        }
        int failed = answer.body().path("_shards").path("failed").asInt();
        if (failed > 0) {
            throw ReplicatorException.retryable(
                    ErrorCode.CONNECTION, "could not " + doing, failed + " of its shards have not answered.", null);
        }
        return answer.body();
    }

    /** Makes all that was written visible to readers. */
    static void refresh(RestSession rest, List<String> indices) {
        String path = "/" + String.join(",", indices.stream().map(RestUrl::part).toList()) + "/_refresh";
        RestAnswer answer = rest.post(path, null);
        int failed = answer.body().path("_shards").path("failed").asInt();
        if (!answer.isGood()) {
            throw RestErrors.of("refresh indices", answer);
        }
        if (failed > 0) {
            throw ReplicatorException.retryable(
                    ErrorCode.CONNECTION, "could not refresh indices", failed + " shards have not answered.", null);
        }
    }
}
