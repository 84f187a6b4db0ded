package dev.replicator.resolve;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * The versions of one source that are not closed, in log order: for each the commit LSN and the hash of its key, 16 bytes.
 *
 * <p>A version whose key became real late stands behind younger ones, and is closed with them.
 */
final class ClosingQueue {
    private static final int PAIRS = 512;

    private final Deque<long[]> pages = new ArrayDeque<>();
    private int first;
    private int end = PAIRS;

    void add(long lsn, long hash) {
        if (end == PAIRS) {
            pages.add(new long[2 * PAIRS]);
            end = 0;
        }
        long[] page = pages.getLast();
        page[2 * end] = lsn;
        page[2 * end + 1] = hash;
        end++;
    }

    /** Takes out, from the oldest on, those that commit below {@code limit}; a version may be added meanwhile. */
    void below(long limit, LongConsumer hashes) {
        while (!isEmpty() && pages.getFirst()[2 * first] < limit) {
            long hash = pages.getFirst()[2 * first + 1];
            first++;
            if (first == PAIRS) {
                pages.removeFirst();
                first = 0;
            }
            hashes.accept(hash);
        }
    }

    private boolean isEmpty() {
        return pages.isEmpty() || (pages.size() == 1 && first == end);
    }
}
