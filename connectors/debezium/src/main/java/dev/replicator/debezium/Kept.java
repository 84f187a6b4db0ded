package dev.replicator.debezium;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Resume;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What Debezium keeps between runs, kept by us with the data: where it was, and every structure that the tables had. Rebuilt
 * from the tables as they are now, their structure would put values into wrong columns, without an error, once columns have
 * been exchanged.
 *
 * <p>Debezium makes its stores from the names of classes; they find this under a name of its own. Thread-safe.
 */
final class Kept {
    private static final Map<String, Kept> RUNNING = new ConcurrentHashMap<>();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Beside Debezium's own words: which server it was. */
    private static final String SERVER = "replicator.server";

    private final String name;
    private final String server;
    private final Map<String, Object> offset;
    private final List<String> structures = new ArrayList<>();
    private @Nullable String text;

    private Kept(String name, String server, Map<String, Object> offset) {
        this.name = name;
        this.server = server;
        this.offset = offset;
    }

    /** {@code server}: what identifies it; {@code from} null: nothing yet. To be {@link #close}d. */
    static Kept open(String name, String server, @Nullable Resume from) {
        Map<String, Object> offset = new LinkedHashMap<>(from == null ? Map.of() : offset(from.place()));
        Object before = offset.remove(SERVER);
        if (before != null && !before.equals(server)) {
            throw ReplicatorException.fatal(
                    ErrorCode.IDENTITY_CHANGED,
                    "cannot read on: this is another server than before",
                    "It was " + before + ", and is " + server + " now; their binary logs have nothing in common.",
                    "Correct the url; or \"replicator remove\" the sync and start it again: all rows are copied anew.");
        }
        Kept kept = new Kept(name, server, offset);
        if (from != null) {
            from.context().lines().filter(line -> !line.isEmpty()).forEach(kept.structures::add);
        }
        RUNNING.put(name, kept);
        return kept;
    }

    static Kept named(String name) {
        Kept kept = RUNNING.get(name);
        if (kept == null) {
            throw new IllegalStateException("nothing is kept under " + name);
        }
        return kept;
    }

    void close() {
        RUNNING.remove(name, this);
    }

    private static Map<String, Object> offset(String place) {
        try {
            return JSON.readValue(place, new TypeReference<Map<String, Object>>() {});
        } catch (JsonProcessingException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.NODE_LOST_DATA,
                    "cannot read where the log of the source is to be read on from",
                    "Somebody has changed what the targets keep of it: " + e.getOriginalMessage(),
                    "Restore it, or remove the sync and begin anew.");
        }
    }

    boolean isEmpty() {
        return offset.isEmpty();
    }

    /** Where Debezium begins, as it stores that itself, by what it calls this connector and server. */
    Map<ByteBuffer, ByteBuffer> offsets(String topicPrefix) {
        if (offset.isEmpty()) {
            return Map.of();
        }
        try {
            return Map.of(
                    ByteBuffer.wrap(JSON.writeValueAsBytes(List.of(name, Map.of("server", topicPrefix)))),
                    ByteBuffer.wrap(JSON.writeValueAsBytes(offset)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    synchronized void addStructure(String line) {
        structures.add(line);
        text = null;
    }

    synchronized List<String> structures() {
        return List.copyOf(structures);
    }

    /** What is to be kept with everything up to there. */
    synchronized Resume at(Map<String, ?> reached) {
        if (text == null) {
            text = structures.stream().collect(Collectors.joining("\n"));
        }
        try {
            Map<String, Object> place = new LinkedHashMap<>(reached);
            place.put(SERVER, server);
            return new Resume(JSON.writeValueAsString(place), text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
