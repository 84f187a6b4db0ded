package dev.replicator.postgres;

import dev.replicator.model.Key;
import dev.replicator.model.TableName;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of the operations of a batch so far: for the engine, and for the mark where there is one. One thread. */
final class Outcome {
    private final @Nullable Marks marks;
    private final Set<Key> skipped = new HashSet<>();
    /** Keys that the mark lists although no row of this transaction's own id stands there. */
    private final Set<Key> listed = new HashSet<>();

    private final List<Refusal> refusals = new ArrayList<>(0);
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

    /** As {@link #wrote}, under a savepoint: the row does not bear the transaction's own id. */
    void wroteInSavepoint(Key key) {
        if (marks != null) {
            listed.add(key);
        }
        wrote(key);
    }

    void missed(Key key) {
        if (marks != null) {
            listed.add(key);
            marks.missed(key.hash());
        }
    }

    /**
     * Whether an earlier chunk of the batch has listed the key, and a guard could still fail: a key that is listed counts
     * as not skipped, so nothing may skip it any more.
     */
    boolean isListed(Key key) {
        return listed.contains(key);
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

    void refused(Refusal refusal) {
        refusals.add(refusal);
    }

    WriteResult result(long quarantined) {
        return new WriteResult(skipped, rows, quarantined, refusals);
    }

    long rows() {
        return rows;
    }
}
