package dev.replicator.acknowledge;

import dev.replicator.model.Positions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * How far the transactions of each source have passed at each node, and below which marks.
 *
 * <p>Every node gets every transaction in one order, first in, first out. So what a node has passed of a source is a
 * prefix of that source's log, and nothing need be kept of single transactions: a position for each source and node, and
 * for each mark that was read how far it reached ({@link Step}). Their number is limited: neighbours become one with the
 * later mark, which only delays forgetting. What has to be sent once more is a {@link Reopened} beside that.
 *
 * <p>All positions are exclusive ends. Owned by one thread.
 */
public final class Passage {
    /** Durable without a mark: at nodes that are not masters. */
    public static final long NO_MARK = -1;

    private static final int MOST_STEPS = 4096;

    private final int sources;
    private final int nodes;
    /** Ends of the newest resolved transactions. */
    private final long[] resolved;
    /** [source][node]: where the first transaction commits that has not passed; at or beyond resolved: none. */
    private final long[][] ends;
    /** [source][master]: where the first transaction commits that the first step covers. */
    private final long[][] bases;

    private final List<List<Deque<Step>>> steps = new ArrayList<>();
    private final List<List<Reopened>> reopened = new ArrayList<>();
    /** Nodes that nobody waits for. */
    private long absent;

    /** Everything below {@code end}, down to the step before, passed with the mark that committed at {@code mark}. */
    private record Step(long end, long mark) {}

    /**
     * Some transactions of a node are to pass there once more.
     *
     * @param from per source where the first of them commits; {@link Long#MAX_VALUE}: none
     */
    public record Reopened(long[] from) {}

    public Passage(int sources, int nodes) {
        this.sources = sources;
        this.nodes = nodes;
        this.resolved = new long[sources];
        this.ends = new long[sources][nodes];
        this.bases = new long[sources][sources];
        for (int source = 0; source < sources; source++) {
            List<Deque<Step>> row = new ArrayList<>();
            for (int master = 0; master < sources; master++) {
                row.add(new ArrayDeque<>());
            }
            steps.add(row);
        }
        for (int node = 0; node < nodes; node++) {
            reopened.add(new ArrayList<>(0));
        }
    }

    /**
     * A transaction is resolved.
     *
     * @param without the node that has nothing to do for it; -1: every node has to pass it
     */
    public void resolved(int source, long commitLsn, long end, int without) {
        for (int node = 0; node < nodes; node++) {
            if (!isOpen(source, node)) {
                ends[source][node] = node == without ? end : commitLsn;
            }
        }
        resolved[source] = end;
    }

    /** A node has passed everything below {@code upTo}; {@code mark} is where the mark committed, or {@link #NO_MARK}. */
    public void passed(int node, Positions upTo, long mark) {
        for (int source = 0; source < sources; source++) {
            long end = upTo.get(source);
            long before = ends[source][node];
            if (!isOpen(source, node) || end <= before) {
                continue;
            }
            ends[source][node] = end;
            if (mark != NO_MARK && node < sources) {
                Deque<Step> list = steps.get(source).get(node);
                if (list.isEmpty()) {
                    bases[source][node] = before;
                }
                list.add(new Step(end, mark));
                if (list.size() > MOST_STEPS) {
                    thin(list);
                }
            }
        }
    }

    /** Neighbours become one, so that about half are left, each of about the same stretch of the log. */
    private static void thin(Deque<Step> list) {
        long stretch = (list.getLast().end() - list.getFirst().end()) / (MOST_STEPS / 2);
        List<Step> kept = new ArrayList<>();
        long from = Long.MIN_VALUE / 2;
        for (Step step : list) {
            if (step.end() - from <= stretch) {
                kept.set(kept.size() - 1, step);
            } else {
                kept.add(step);
                from = step.end();
            }
        }
        list.clear();
        list.addAll(kept);
    }

    /** Transactions that had passed are to pass once more. */
    public void reopen(int node, Reopened again) {
        reopened.get(node).add(again);
    }

    /** They have; the mark is theirs now. */
    public void settled(int node, Reopened again, long mark) {
        reopened.get(node).removeIf(each -> each == again);
        for (int source = 0; source < sources && node < sources; source++) {
            long from = again.from()[source];
            Deque<Step> list = steps.get(source).get(node);
            if (list.isEmpty() || list.peekLast().end() <= from) {
                continue;
            }
            List<Step> raised = new ArrayList<>(list);
            raised.replaceAll(step -> step.end() > from ? new Step(step.end(), Math.max(step.mark(), mark)) : step);
            list.clear();
            list.addAll(raised);
        }
    }

    /** Nobody waits for this node any more before keys are closed. For acknowledging it counts as before. */
    public void leaveOut(int node) {
        absent |= 1L << node;
    }

    private boolean isOpen(int source, int node) {
        return ends[source][node] < resolved[source];
    }

    /** Whether some transaction has not passed at a node. */
    public boolean isOpen(int node) {
        for (int source = 0; source < sources; source++) {
            if (isOpen(source, node)) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing has to pass once more. */
    public boolean isSettled() {
        return reopened.stream().allMatch(List::isEmpty);
    }

    /** What a node has yet to pass, per source from where on. */
    public Reopened open(int node) {
        long[] from = new long[sources];
        for (int source = 0; source < sources; source++) {
            from[source] = isOpen(source, node) ? ends[source][node] : Long.MAX_VALUE;
        }
        return new Reopened(from);
    }

    /** Up to where every transaction of a source has passed at every master. */
    public long closed(int source) {
        long end = resolved[source];
        for (int master = 0; master < sources; master++) {
            if ((absent >>> master & 1) == 0) {
                end = Math.min(end, ends[source][master]);
            }
        }
        return end;
    }

    /** Up to where every transaction of a source is durable at every node; its log has been read up to {@code readEnd}. */
    long durable(int source, long readEnd) {
        long end = readEnd;
        for (int node = 0; node < nodes; node++) {
            if (isOpen(source, node)) {
                end = Math.min(end, ends[source][node]);
            }
            for (Reopened again : reopened.get(node)) {
                end = Math.min(end, again.from()[source]);
            }
        }
        return end;
    }

    /** Up to where the marks of a source's transactions lie below {@code limits}, per master; at most {@code start}. */
    long marksBelow(int source, long start, long[] limits) {
        long level = start;
        for (int master = 0; master < sources; master++) {
            long from = bases[source][master];
            for (Step step : steps.get(source).get(master)) {
                if (step.mark() >= limits[master]) {
                    level = Math.min(level, from);
                    break;
                }
                from = step.end();
            }
        }
        return level;
    }

    /** A source has stored that everything below {@code position} may be forgotten. */
    public void forget(int source, long position) {
        for (int master = 0; master < sources; master++) {
            Deque<Step> list = steps.get(source).get(master);
            while (!list.isEmpty() && list.peekFirst().end() <= position) {
                bases[source][master] = list.removeFirst().end();
            }
        }
    }

    int sources() {
        return sources;
    }

    @Override
    public String toString() {
        return "resolved " + Arrays.toString(resolved) + " passed " + Arrays.deepToString(ends);
    }
}
