package dev.replicator.model;

import java.util.Arrays;

/**
 * A vector: one position per source of a sync, in the order of the sync's source names. Immutable.
 *
 * <p>Positions are exclusive ends: entry {@code p} means that every transaction of that source whose commit LSN is below
 * {@code p} is included. LSNs are non-negative in practice (a log of 2^63 bytes is never written).
 */
public final class Positions {
    private final long[] ends;

    private Positions(long[] ends) {
        this.ends = ends;
    }

    public static Positions zero(int sources) {
        return new Positions(new long[sources]);
    }

    public static Positions of(long... ends) {
        return new Positions(ends.clone());
    }

    public int size() {
        return ends.length;
    }

    public long get(int source) {
        return ends[source];
    }

    /** Whether the transaction of {@code source} that committed at {@code commitLsn} is included. */
    public boolean covers(int source, long commitLsn) {
        return ends[source] > commitLsn;
    }

    public boolean coversAll(Positions other) {
        for (int i = 0; i < ends.length; i++) {
            if (ends[i] < other.ends[i]) {
                return false;
            }
        }
        return true;
    }

    /** Entry by entry the larger one. */
    public Positions join(Positions other) {
        if (coversAll(other)) {
            return this;
        }
        long[] joined = ends.clone();
        for (int i = 0; i < joined.length; i++) {
            joined[i] = Math.max(joined[i], other.ends[i]);
        }
        return new Positions(joined);
    }

    /** With one entry raised to {@code end} (never lowered). */
    public Positions raise(int source, long end) {
        if (ends[source] >= end) {
            return this;
        }
        long[] raised = ends.clone();
        raised[source] = end;
        return new Positions(raised);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Positions positions && Arrays.equals(positions.ends, ends);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ends);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < ends.length; i++) {
            text.append(i == 0 ? "" : ", ").append(Lsn.format(ends[i]));
        }
        return text.append(')').toString();
    }
}
