package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Positions;
import org.jspecify.annotations.Nullable;

/**
 * One change as a version of its key: {@code (h, source, commit LSN, number in the transaction)}, totally ordered.
 *
 * <p>{@code held} is V of the source's log as it stood when the change was read: what the change was made in sight of. A
 * TRUNCATE is one version shared by every open key of its table.
 */
final class Version implements Comparable<Version> {
    final Item item;
    final Change change;
    final int seq;
    final long h;
    final Positions held;
    /** Creates or removes the row whatever was there: every change but an update with gaps. */
    final boolean reset;

    private final Done done;

    /** Where it stands in the window; null for a TRUNCATE, which stands under many keys. */
    @Nullable
    KeyState state;

    boolean frontier;
    boolean recorded;
    /** Left the window because another version has seen it. */
    boolean dropped;

    Version(Item item, Change change, int seq, long h, Positions held, Done done) {
        this.item = item;
        this.change = change;
        this.seq = seq;
        this.h = h;
        this.held = held;
        this.reset = change.isWhole();
        this.done = done;
    }

    int source() {
        return item.source;
    }

    long lsn() {
        return item.commitLsn;
    }

    /** Below the stored Q: seen and known, never a reason to send. */
    boolean isDone() {
        return done.covers(source(), lsn());
    }

    boolean removesRow() {
        return change.kind() == ChangeKind.DELETE || change.kind() == ChangeKind.TRUNCATE;
    }

    boolean isTruncate() {
        return change.kind() == ChangeKind.TRUNCATE;
    }

    @Override
    public int compareTo(Version other) {
        int order = Long.compare(h, other.h);
        if (order == 0) {
            order = Integer.compare(source(), other.source());
        }
        if (order == 0) {
            order = Long.compare(lsn(), other.lsn());
        }
        return order != 0 ? order : Integer.compare(seq, other.seq);
    }

    @Override
    public String toString() {
        return "n" + source() + ":" + lsn() + "." + seq + " " + change.kind();
    }
}
