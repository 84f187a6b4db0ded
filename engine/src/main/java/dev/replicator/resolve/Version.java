package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Positions;

/**
 * One change as a version of its key: {@code (h, source, commit LSN, number in the transaction)}, totally ordered.
 *
 * <p>{@code held} is V of the source's log as it stood when the change was read: what the change was made in sight of. A
 * TRUNCATE is one version shared by every open key of its table.
 */
final class Version implements Comparable<Version> {
    private final int source;
    private final long lsn;
    /** When it was committed, by its source's clock, microseconds since 1970. */
    final long commitMicros;

    final Change change;
    final int seq;
    final long h;
    final Positions held;
    /** Creates or removes the row whatever was there: every change but an update with gaps. */
    final boolean reset;

    private final Done done;

    boolean frontier;
    boolean recorded;

    Version(Item item, Change change, int seq, long h, Positions held, Done done) {
        this.source = item.source;
        this.lsn = item.commitLsn;
        this.commitMicros = item.commitMicros;
        this.change = change;
        this.seq = seq;
        this.h = h;
        this.held = held;
        this.reset = change.isWhole();
        this.done = done;
    }

    int source() {
        return source;
    }

    long lsn() {
        return lsn;
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
