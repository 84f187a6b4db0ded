package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * The versions of one source that are not closed, in log order: for each the commit LSN and the hash of its key, 16 bytes.
 *
 * <p>The oldest and the newest are in memory, those between, beyond a number of pages, in files. A version whose key became
 * real late stands behind younger ones, and is closed with them.
 */
final class ClosingQueue {
    private static final int MOST_PAIRS = 4096;
    private static final int PAGES = 4;

    private final Backlog files;
    private final int pairs;
    private final Deque<Page> pages = new ArrayDeque<>();
    private int first;
    private int end;

    /** {@code numbers} null: they stand in a file. */
    private record Page(long @org.jspecify.annotations.Nullable [] numbers, long address) {}

    /** {@code memoryBytes}: a hint for the size of pages. */
    ClosingQueue(Backlog files, long memoryBytes) {
        this.files = files;
        this.pairs = (int) Math.max(2, Math.min(MOST_PAIRS, memoryBytes / 1024));
        this.end = pairs;
    }

    void add(long lsn, long hash) {
        if (end == pairs) {
            if (pages.size() > PAGES) {
                spillLast();
            }
            pages.add(new Page(new long[2 * pairs], 0));
            end = 0;
        }
        long[] page = numbers(pages.getLast());
        page[2 * end] = lsn;
        page[2 * end + 1] = hash;
        end++;
    }

    private void spillLast() {
        Page full = pages.getLast();
        try {
            long address = files.write(numbers(full));
            pages.removeLast();
            pages.add(new Page(null, address));
        } catch (ReplicatorException e) {
            // It stays in memory; what is larger fails as well, and is what the sources are held back for.
            return;
        }
    }

    private static long[] numbers(Page page) {
        long[] numbers = page.numbers;
        if (numbers == null) {
            throw new IllegalStateException("the page stands in a file");
        }
        return numbers;
    }

    /** Takes out, from the oldest on, those that commit below {@code limit}; a version may be added meanwhile. */
    void below(long limit, LongConsumer hashes) {
        while (!isEmpty() && oldest()[2 * first] < limit) {
            long hash = oldest()[2 * first + 1];
            first++;
            if (first == pairs) {
                pages.removeFirst();
                first = 0;
            }
            hashes.accept(hash);
        }
    }

    private long[] oldest() {
        Page page = pages.getFirst();
        if (page.numbers == null) {
            pages.removeFirst();
            page = new Page(files.take(page.address, 2 * pairs), 0);
            pages.addFirst(page);
        }
        return numbers(page);
    }

    private boolean isEmpty() {
        return pages.isEmpty() || (pages.size() == 1 && first == end);
    }
}
