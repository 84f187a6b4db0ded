package dev.replicator.acknowledge;

/**
 * How far each source's log is settled: the three levels after which a position may be acknowledged.
 *
 * <p>{@code D}: everything below is durable at every node. {@code Q}: further, the marks that cover it lie, at every other
 * master, below that master's {@code D} (and at its own, if something was sent back there). {@code R}: the same below
 * {@code Q}; up to R a source may forget. One level less, and a live row can be deleted everywhere after a crash by an
 * incomplete update whose base was forgotten. All positions are exclusive ends. Pure.
 */
public final class Settlement {
    private final long[] durable;
    private final long[] seen;
    private final long[] forgettable;

    private Settlement(long[] durable, long[] seen, long[] forgettable) {
        this.durable = durable;
        this.seen = seen;
        this.forgettable = forgettable;
    }

    /** {@code readEnds}: per source how far its log has been read. */
    public static Settlement of(Passage passage, long[] readEnds) {
        long[] durable = new long[readEnds.length];
        for (int source = 0; source < readEnds.length; source++) {
            durable[source] = passage.durable(source, readEnds[source]);
        }
        long[] seen = level(passage, durable);
        return new Settlement(durable, seen, level(passage, seen));
    }

    private static long[] level(Passage passage, long[] start) {
        long[] level = new long[start.length];
        for (int source = 0; source < start.length; source++) {
            level[source] = passage.marksBelow(source, start[source], start);
        }
        return level;
    }

    /** D of a source. */
    public long durable(int source) {
        return durable[source];
    }

    /** Q of a source. */
    public long seen(int source) {
        return seen[source];
    }

    /** Q of all sources. */
    public long[] seen() {
        return seen.clone();
    }

    /** R of a source: what it may forget. */
    public long forgettable(int source) {
        return forgettable[source];
    }
}
