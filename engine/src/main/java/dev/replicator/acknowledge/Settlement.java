package dev.replicator.acknowledge;

import java.util.List;

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

    /**
     * @param open per source its open transactions, oldest first
     * @param readEnds per source how far its log has been read
     */
    public static Settlement of(List<? extends Iterable<? extends OpenTransaction>> open, long[] readEnds) {
        long[] durable = new long[readEnds.length];
        for (int source = 0; source < readEnds.length; source++) {
            durable[source] = readEnds[source];
            for (OpenTransaction transaction : open.get(source)) {
                if (!transaction.isDurable()) {
                    durable[source] = transaction.commitLsn();
                    break;
                }
            }
        }
        long[] seen = level(open, durable, durable);
        return new Settlement(durable, seen, level(open, seen, seen));
    }

    private static long[] level(List<? extends Iterable<? extends OpenTransaction>> open, long[] start, long[] limits) {
        long[] level = start.clone();
        for (int source = 0; source < start.length; source++) {
            for (OpenTransaction transaction : open.get(source)) {
                if (transaction.commitLsn() >= start[source]) {
                    break;
                }
                if (!marksBelow(transaction, source, limits)) {
                    level[source] = transaction.commitLsn();
                    break;
                }
            }
        }
        return level;
    }

    private static boolean marksBelow(OpenTransaction transaction, int source, long[] limits) {
        for (int master = 0; master < limits.length; master++) {
            long mark = transaction.markAt(master);
            if (mark == OpenTransaction.NO_MARK) {
                if (master != source) {
                    return false;
                }
            } else if (mark >= limits[master]) {
                return false;
            }
        }
        return true;
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
