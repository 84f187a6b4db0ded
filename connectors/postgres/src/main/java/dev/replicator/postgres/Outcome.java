package dev.replicator.postgres;

import dev.replicator.model.Key;
import dev.replicator.model.TableName;
import dev.replicator.spi.WriteResult;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of the operations of a batch so far: for the engine, and for the mark where there is one. One thread. */
final class Outcome {
    private final @Nullable Marks marks;
    private final Set<Key> skipped = new HashSet<>();
    private long rows;

    Outcome(@Nullable Marks marks) {
        this.marks = marks;
    }

    /** Whether anybody wants to know which keys met no row. */
    boolean listsKeys() {
        return marks != null;
    }

    void wrote(Key key) {
        if (marks != null) {
            marks.written(key.hash());
        }
    }

    void missed(Key key) {
        if (marks != null) {
            marks.missed(key.hash());
        }
    }

    void truncated(TableName table) {
        if (marks != null) {
            marks.truncated(table);
        }
    }

    void skipped(Key key) {
        skipped.add(key);
    }

    boolean isSkipped(Key key) {
        return skipped.contains(key);
    }

    void countRows(long more) {
        rows += more;
    }

    WriteResult result() {
        return new WriteResult(skipped, rows);
    }
}
