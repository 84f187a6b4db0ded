package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.codec.PauseText;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.spi.PauseMark;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is stored for a sync, in an index that many syncs may share: a document with fence number and progress, one with the
 * pause, and, for all of them, the counter that fence numbers are drawn from. Each change of a document names the state that
 * it is made of ({@code if_seq_no}, {@code if_primary_term}), so that of two who change it one fails.
 *
 * <p>The counter is never removed: documents in other indices have versions made of it. One thread.
 */
final class SyncDocuments {
    private static final String FENCE = "fence";
    private static final String PROGRESS = "progress";
    private static final String PAUSE = "pause";
    /** Names of syncs have their percent signs escaped. */
    private static final String COUNTER = "%fence";

    private static final long CONFIRMED_FOR = Duration.ofSeconds(10).toNanos();

    private final RestSession rest;
    private final String index;
    private final String id;
    private final String sync;
    private final String database;
    private @Nullable Stored mine;
    private long confirmed;

    /**
     * A document as it was read or written.
     *
     * @param source its fields
     * @param place the parameters that stand for this very state of it
     */
    private record Stored(ObjectNode source, String place) {
        long fence() {
            return source.path(FENCE).asLong();
        }

        private static Stored of(ObjectNode source, JsonNode answer) {
            return new Stored(
                    source,
                    "if_seq_no=" + answer.path("_seq_no").asLong() + "&if_primary_term="
                            + answer.path("_primary_term").asLong());
        }
    }

    SyncDocuments(RestSession rest, String index, String sync, String database) {
        this.rest = rest;
        this.index = index;
        this.id = DocumentIds.escape(sync);
        this.sync = sync;
        this.database = database;
    }

    private String path(String how, String document) {
        return "/" + RestUrl.part(index) + "/" + how + "/" + RestUrl.part(document);
    }

    private @Nullable Stored read(String document) {
        RestAnswer answer = rest.get(path("_doc", document));
        if (answer.isMissing()) {
            return null;
        }
        if (!answer.isGood()) {
            throw RestErrors.of("read index \"" + index + "\"", answer);
        }
        if (answer.body().path("_source") instanceof ObjectNode source) {
            return Stored.of(source, answer.body());
        }
        throw ReplicatorException.fatal(
                ErrorCode.SERVER_SETTING,
                "cannot read index \"" + index + "\"",
                "It does not keep the source of its documents.",
                "Set the option progress_index to another one.");
    }

    /** {@code before}: what it takes the place of; null: there is none. Null: somebody else was faster. */
    private @Nullable Stored write(String document, @Nullable Stored before, ObjectNode source) {
        String path = before == null ? path("_create", document) : path("_doc", document) + "?" + before.place();
        RestAnswer answer = rest.put(path, source);
        if (answer.isConflict()) {
            return null;
        }
        if (!answer.isGood()) {
            throw RestErrors.of("write index \"" + index + "\"", answer);
        }
        return Stored.of(source, answer.body());
    }

    private static ObjectNode copy(@Nullable Stored stored) {
        return stored == null
                ? RestSession.JSON.createObjectNode()
                : stored.source().deepCopy();
    }

    /** Makes the index. Its fields are only kept. */
    private void create() {
        if (rest.get("/" + RestUrl.part(index)).isGood()) {
            return;
        }
        ObjectNode body = RestSession.JSON.createObjectNode();
        body.putObject("settings").put("index.number_of_shards", 1).put("index.auto_expand_replicas", "0-1");
        body.putObject("mappings").put("enabled", false);
        RestAnswer answer = rest.put("/" + RestUrl.part(index), body);
        if (!answer.isGood() && !Indices.isThere(answer)) {
            throw RestErrors.of("make index \"" + index + "\"", answer);
        }
    }

    /**
     * Draws a fence number and takes the sync by it. {@code own}: what it has to be until then; 0: whatever it is. Returns the
     * number.
     */
    long take(long own) {
        create();
        while (true) {
            Stored counter = read(COUNTER);
            Stored stored = read(id);
            long stands = stored == null ? 0 : stored.fence();
            if (own != 0 && stands != own) {
                throw fenced();
            }
            long fence = Math.max(counter == null ? 0 : counter.fence(), stands) + 1;
            if (fence > Versions.LARGEST_FENCE) {
                throw ReplicatorException.fatal(
                        ErrorCode.TARGET_REFUSED,
                        "cannot take over database \"" + database + "\"",
                        "The fence numbers in index \"" + index + "\" are used up.",
                        "Delete it and the indices of the tables, and begin anew.");
            }
            if (write(COUNTER, counter, copy(counter).put(FENCE, fence)) != null) {
                mine = write(id, stored, copy(stored).put(FENCE, fence));
                if (mine != null) {
                    confirmed = System.nanoTime();
                    return fence;
                }
            }
        }
    }

    /** The next fence number will be above this one. */
    void raiseCounter(long fence) {
        Stored counter = read(COUNTER);
        if (counter == null || counter.fence() < fence) {
            // If somebody else draws one at this moment, the next session will find that it has to be raised again.
            write(COUNTER, counter, copy(counter).put(FENCE, fence));
        }
    }

    /** The number that was taken. */
    long fence() {
        return mine == null ? 0 : mine.fence();
    }

    /** Fails with kind FENCED if the sync was taken by another. */
    void confirm() {
        Stored now = read(id);
        if (mine == null || now == null || now.fence() != mine.fence()) {
            throw fenced();
        }
        mine = now;
        confirmed = System.nanoTime();
    }

    /** The same, if that was last known some seconds ago. */
    void confirmAgain() {
        if (System.nanoTime() - confirmed > CONFIRMED_FOR) {
            confirm();
        }
    }

    /** Stores what a batch makes; fails with kind FENCED, and stores nothing, if the sync was taken by another. */
    void store(String progress) {
        Stored written = write(id, mine, copy(mine).put(PROGRESS, progress));
        if (written == null) {
            confirm();
            throw ReplicatorException.retryable(
                    ErrorCode.TARGET_REFUSED,
                    "could not write to database \"" + database + "\"",
                    "Somebody has changed what the sync stores there in the meantime.",
                    null);
        }
        mine = written;
        confirmed = System.nanoTime();
    }

    /** Null: there is none. */
    @Nullable
    String progress() {
        Stored stored = mine == null ? read(id) : mine;
        JsonNode progress = stored == null ? null : stored.source().get(PROGRESS);
        return progress == null ? null : progress.asText();
    }

    private String pauseId() {
        return id + "%pause";
    }

    Optional<PauseMark> pause() {
        Stored stored = read(pauseId());
        return stored == null
                ? Optional.empty()
                : PauseText.parse(stored.source().path(PAUSE).asText(""));
    }

    /** Keeps the later one. */
    void pause(PauseMark mark) {
        create();
        Optional<PauseMark> wanted = Optional.of(mark);
        @Nullable Stored kept = null;
        while (kept == null) {
            Stored stored = read(pauseId());
            Optional<PauseMark> there = stored == null
                    ? Optional.empty()
                    : PauseText.parse(stored.source().path(PAUSE).asText(""));
            if (!PauseMark.later(there, wanted).equals(wanted)) {
                return;
            }
            kept = write(pauseId(), stored, copy(stored).put(PAUSE, PauseText.of(mark)));
        }
    }

    /** Whether there was anything. The counter stays. */
    boolean forget() {
        boolean any = false;
        for (String document : new String[] {id, pauseId()}) {
            RestAnswer answer = rest.delete(path("_doc", document), null);
            if (!answer.isGood() && !answer.isMissing()) {
                throw RestErrors.of("write index \"" + index + "\"", answer);
            }
            any |= answer.isGood();
        }
        return any;
    }

    private ReplicatorException fenced() {
        return new ReplicatorException(
                Kind.FENCED,
                ErrorCode.SLOT_BUSY,
                "cannot write to database \"" + database + "\"",
                "Another process has taken over sync \"" + sync + "\" there.",
                null,
                null);
    }
}
