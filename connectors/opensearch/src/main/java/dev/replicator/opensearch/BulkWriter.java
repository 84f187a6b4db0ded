package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends pages. What the server is too busy for is sent again after a pause, a few times; a document that has a larger version
 * means that somebody has taken over, or that somebody else writes there.
 *
 * <p>One thread, which waits.
 */
final class BulkWriter {
    private static final int ATTEMPTS = 6;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final String PATH = "/_bulk?filter_path=errors,items.*.status,items.*.error.type";

    private final RestSession rest;
    private final SyncDocuments stored;
    private final Refusals refusals;

    BulkWriter(RestSession rest, SyncDocuments stored, Refusals refusals) {
        this.rest = rest;
        this.stored = stored;
        this.refusals = refusals;
    }

    /** Returns when all of it is done. */
    void send(BulkPage page) {
        if (page.isEmpty()) {
            return;
        }
        List<Integer> left = page.numbers();
        byte[] lines = page.lines();
        int busy = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt > 0) {
                // Nothing tells when the server has time again.
                LockSupport.parkNanos(FIRST_PAUSE.toNanos() << attempt);
            }
            stored.confirmAgain();
            RestAnswer answer = rest.bulk(PATH, lines);
            if (answer.isGood()) {
                left = busy(page, left, answer);
                if (left.isEmpty()) {
                    return;
                }
                lines = page.lines(left);
            } else if (!RestErrors.isBusy(answer.status())) {
                throw failed(page, answer);
            }
            busy = answer.isGood() ? busy : answer.status();
        }
        throw ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not write to database \"" + refusals.database() + "\"",
                "The server was too busy for " + left.size() + " documents" + (busy == 0 ? "" : ", status " + busy)
                        + ", " + ATTEMPTS + " times.",
                null);
    }

    private ReplicatorException failed(BulkPage page, RestAnswer answer) {
        if (answer.status() != 413) {
            return RestErrors.of("write to database \"" + refusals.database() + "\"", answer);
        }
        BulkPage.Item only = page.items().get(0);
        if (page.items().size() == 1 && only.reader() != null && only.operation() != null) {
            return refusals.tooLarge(only.reader(), only.operation());
        }
        return ReplicatorException.fatal(
                ErrorCode.SERVER_SETTING,
                "cannot write to database \"" + refusals.database() + "\"",
                "The server, or what stands before it, takes no request of " + page.lines().length + " bytes.",
                "Raise http.max_content_length, or the limit of the proxy.");
    }

    /** Those that have to be sent again. */
    private List<Integer> busy(BulkPage page, List<Integer> sent, RestAnswer answer) {
        List<Integer> busy = new ArrayList<>();
        JsonNode items = answer.body().path("items");
        if (!answer.body().path("errors").isBoolean() || items.size() != sent.size()) {
            throw ReplicatorException.retryable(
                    ErrorCode.PROTOCOL,
                    "could not write to database \"" + refusals.database() + "\"",
                    "The answer to " + sent.size() + " documents does not say what became of each.",
                    null);
        }
        for (int i = 0; i < sent.size(); i++) {
            // Its only field is called like the action.
            JsonNode result = items.path(i).path("index").isMissingNode()
                    ? items.path(i).path("delete")
                    : items.path(i).path("index");
            int status = result.path("status").asInt();
            String type = result.path("error").path("type").asText("");
            if (status >= 200 && status < 300 || status == 404 && type.isEmpty()) {
                // Done, also where a document that was to be deleted is not there.
                continue;
            }
            if (RestErrors.isBusy(status)) {
                busy.add(sent.get(i));
            } else if (status == 409) {
                throw outrun(page.items().get(sent.get(i)));
            } else {
                throw refused(page.items().get(sent.get(i)), status, type);
            }
        }
        return busy;
    }

    private ReplicatorException refused(BulkPage.Item item, int status, String type) {
        Operation operation = item.operation();
        return status == 400 && item.reader() != null && operation != null && !type.equals("index_closed_exception")
                ? refusals.refused(item.reader(), operation, status, type)
                : RestErrors.of("write to index \"" + item.index() + "\"", status, type);
    }

    /** A document has a version above ours. */
    private ReplicatorException outrun(BulkPage.Item item) {
        stored.confirm();
        RestAnswer there =
                rest.get("/" + RestUrl.part(item.index()) + "/_doc/" + RestUrl.part(item.id()) + "?_source=false");
        long version = there.body().path("_version").asLong();
        if (Versions.fence(version) >= Versions.LARGEST_FENCE) {
            return new ReplicatorException(
                    Kind.FATAL,
                    ErrorCode.TARGET_REFUSED,
                    "cannot write document \"" + item.id() + "\" of index \"" + item.index() + "\" to database \""
                            + refusals.database() + "\"",
                    "Somebody else has given it version " + version + ", above all that are possible here.",
                    "Delete it, and wait for the index's gc_deletes.",
                    null);
        }
        stored.raiseCounter(Versions.fence(version));
        return ReplicatorException.retryable(
                ErrorCode.TARGET_REFUSED,
                "could not write document \"" + item.id() + "\" of index \"" + item.index() + "\" to database \""
                        + refusals.database() + "\"",
                "Somebody else has changed it, so that its version is larger; the next session has larger ones.",
                null);
    }
}
