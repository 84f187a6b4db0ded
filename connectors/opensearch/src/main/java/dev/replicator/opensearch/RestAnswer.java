package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the server has answered.
 *
 * @param status of HTTP
 * @param body missing where it was no JSON
 */
record RestAnswer(int status, JsonNode body) {
    boolean isGood() {
        return status >= 200 && status < 300;
    }

    boolean isMissing() {
        return status == 404;
    }

    /** Somebody else has changed it, or it is there. */
    boolean isConflict() {
        return status == 409;
    }

    /** The server's word for an error; empty where there is none. */
    String errorType() {
        return body.path("error").path("type").asText("");
    }
}
