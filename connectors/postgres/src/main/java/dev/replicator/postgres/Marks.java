package dev.replicator.postgres;

import dev.replicator.codec.MarkCodec;
import dev.replicator.codec.MarkHead;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.ServerNames;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The marks of a master: which keys the batch wrote, as messages in its log. One thread. */
final class Marks {
    private static final String EMIT =
            "SELECT pg_catalog.pg_logical_emit_message(true, '" + ServerNames.MESSAGE_PREFIX + "', ?)";

    private static final long[] NO_KEYS = new long[0];

    private final MarkCodec codec;
    private final String sync;
    private final List<String> sources;
    private final LongList written = new LongList();
    private final LongList missed = new LongList();
    private final List<TableName> truncated = new ArrayList<>();
    private @Nullable MarkHead head;
    /** Messages of the batch so far. */
    private int parts;

    Marks(MarkCodec codec, String sync, List<String> sources) {
        this.codec = codec;
        this.sync = sync;
        this.sources = sources;
    }

    void begin(MarkNumber number, long highest, Positions held, boolean inOrigin) {
        written.clear();
        missed.clear();
        truncated.clear();
        parts = 0;
        List<MarkHead.Held> entries = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            entries.add(new MarkHead.Held(sources.get(i), held.get(i)));
        }
        int flags = inOrigin ? MarkHead.IN_ORIGIN : 0;
        head = new MarkHead(sync, number.fence(), number.batch(), highest, entries, flags, 0);
    }

    void written(long keyHash) {
        written.add(keyHash);
    }

    void missed(long keyHash) {
        missed.add(keyHash);
    }

    void truncated(TableName table) {
        truncated.add(table);
    }

    /** What a transaction begins with that is known by no origin. */
    void open(Script script) {
        emit(script, codec.encodeOne(next().withFlags(MarkHead.OPENING), NO_KEYS, NO_KEYS, List.of()));
    }

    boolean isFull() {
        return written.size() + missed.size() >= MarkCodec.MAX_KEYS;
    }

    /** Adds the messages for what has been collected; further ones follow. */
    void emitFull(Script script) {
        while (isFull()) {
            long[] someWritten = written.removeLast(MarkCodec.MAX_KEYS);
            long[] someMissed = missed.removeLast(MarkCodec.MAX_KEYS - someWritten.length);
            emit(script, codec.encodeOne(next(), someWritten, someMissed, truncated));
            truncated.clear();
        }
    }

    /** Adds the last messages. */
    void emitLast(Script script) {
        for (byte[] message : codec.encode(next(), written.toArray(), missed.toArray(), truncated)) {
            emit(script, message);
        }
    }

    private void emit(Script script, byte[] message) {
        script.add(EMIT, Parameter.bytea(message));
        parts++;
    }

    private MarkHead next() {
        return head().withPart(parts);
    }

    private MarkHead head() {
        if (head == null) {
            throw new IllegalStateException("no batch has begun");
        }
        return head;
    }

    private static final class LongList {
        private long[] values = new long[16];
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        /** The last {@code count}, or as many as there are. */
        long[] removeLast(int count) {
            int from = Math.max(0, size - count);
            long[] removed = Arrays.copyOfRange(values, from, size);
            size = from;
            return removed;
        }

        int size() {
            return size;
        }

        void clear() {
            size = 0;
        }

        long[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
