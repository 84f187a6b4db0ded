package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
    final Effect effect;

    private final Done done;

    boolean frontier;
    /** Whether it, or another change of its transaction to the key, is in the history. */
    boolean recorded;
    /** Whether the same value stands of something that it has lost. */
    boolean mayLose;

    Version(Item item, Change change, int seq, long h, Positions held, Done done, Resolution resolution) {
        this.source = item.source;
        this.lsn = item.commitLsn;
        this.commitMicros = item.commitMicros;
        this.change = change;
        this.seq = seq;
        this.h = h;
        this.held = held;
        this.effect = Effect.of(change, resolution);
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

    /** States or removes the row whatever was there. */
    boolean isReset() {
        return effect.reset();
    }

    boolean removesRow() {
        return change.kind() == ChangeKind.DELETE || change.kind() == ChangeKind.TRUNCATE;
    }

    /** The row it leaves behind: whole, unless it has gaps. Only if it leaves one. */
    Row row() {
        return Objects.requireNonNull(effect.row(), "a removed row");
    }

    /** What it wrote, or of a delete what it said of the row. */
    @Nullable
    Row rowForHistory() {
        return change.kind() == ChangeKind.DELETE ? change.row() : effect.row();
    }

    /** Whether it leaves a row behind that is known whole, so that it can make one where none is. */
    boolean makesRow() {
        Row row = effect.row();
        return row != null && row.isWhole();
    }

    /** Whether it adds to a counter. */
    boolean adds() {
        Row carried = effect.carried();
        if (carried != null) {
            for (int c = 0; c < carried.relation().size(); c++) {
                if (carried.isAdded(c)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What an update carries that is no reset. */
    Row carried() {
        return Objects.requireNonNull(effect.carried(), "a reset");
    }

    boolean isInsert() {
        return change.kind() == ChangeKind.INSERT;
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
