package dev.replicator.postgres;

import dev.replicator.codec.MarkCodec;
import dev.replicator.codec.MarkHead;
import dev.replicator.model.Positions;
import dev.replicator.model.ServerNames;
import dev.replicator.model.TableName;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The marks of a master: which keys the batch wrote, as messages in its log. One thread. */
final class Marks {
    private static final String EMIT =
            "SELECT pg_catalog.pg_logical_emit_message(true, '" + ServerNames.MESSAGE_PREFIX + "', ?)";

    private final MarkCodec codec;
    private final String sync;
    private final List<String> sources;
    private final LongList written = new LongList();
    private final LongList missed = new LongList();
    private final List<TableName> truncated = new ArrayList<>();
    private @Nullable MarkHead head;

    Marks(MarkCodec codec, String sync, List<String> sources) {
        this.codec = codec;
        this.sync = sync;
        this.sources = sources;
    }

    void begin(long fence, long batch, long highest, Positions held) {
        written.clear();
        missed.clear();
        truncated.clear();
        List<MarkHead.Held> entries = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            entries.add(new MarkHead.Held(sources.get(i), held.get(i)));
        }
        head = new MarkHead(sync, fence, batch, highest, entries, 0);
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
        script.add(EMIT, Parameter.bytea(codec.encodeHead(head().withFlags(MarkHead.OPENING))));
    }

    boolean isFull() {
        return written.size() + missed.size() >= MarkCodec.MAX_KEYS;
    }

    /** Adds the messages for what has been collected; further ones follow. */
    void emitFull(Script script) {
        while (isFull()) {
            ByteArrayOutputStream message = new ByteArrayOutputStream(256 + 9 * MarkCodec.MAX_KEYS);
            message.writeBytes(codec.encodeHead(head()));
            truncated.forEach(table -> message.writeBytes(MarkCodec.encodeTruncated(table)));
            truncated.clear();
            for (int i = 0; i < MarkCodec.MAX_KEYS; i++) {
                boolean wrote = written.size() > 0;
                message.writeBytes(MarkCodec.encodeKey(
                        wrote ? MarkCodec.WRITTEN : MarkCodec.MISSED,
                        wrote ? written.removeLast() : missed.removeLast()));
            }
            script.add(EMIT, Parameter.bytea(message.toByteArray()));
        }
    }

    /** Adds the last messages. */
    void emitLast(Script script) {
        for (byte[] message : codec.encode(head(), written.toArray(), missed.toArray(), truncated)) {
            script.add(EMIT, Parameter.bytea(message));
        }
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

        long removeLast() {
            return values[--size];
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
