package dev.replicator.pipeline;

import dev.replicator.model.LogEntry;
import dev.replicator.model.Transaction;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What was read from one source and waits for the resolver, bounded in entries and bytes: the back-pressure.
 *
 * <p>One thread puts (the source's capture thread), one takes (the resolve thread). Putting never waits: the reader asks
 * {@link #isFull()} before it reads on, so the bound is exceeded by what one read yields, at most. It counts as full
 * until it has been half emptied, so that reader and resolver do not wake each other for every entry.
 */
final class EntryQueue {
    private static final int ENTRY_BYTES = 96;

    private final int maxEntries;
    private final long maxBytes;
    private final ConcurrentLinkedQueue<Sized> entries = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean full;

    EntryQueue(int maxEntries, long maxBytes) {
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
    }

    void put(LogEntry entry) {
        Sized sized = new Sized(entry, bytesOf(entry));
        long held = bytes.addAndGet(sized.bytes);
        int waiting = count.incrementAndGet();
        if (waiting >= maxEntries || held >= maxBytes) {
            full = true;
        }
        entries.add(sized);
    }

    /** Whether the reader has to wait; asked by the reader. */
    boolean isFull() {
        if (hasRoomAgain()) {
            full = false;
        }
        return full;
    }

    /** Whether a reader that waits could go on. */
    boolean hasRoomAgain() {
        return full && count.get() <= maxEntries / 2 && bytes.get() <= maxBytes / 2;
    }

    @Nullable
    LogEntry peek() {
        Sized first = entries.peek();
        return first == null ? null : first.entry;
    }

    /** Removes what {@link #peek()} showed. */
    void remove() {
        Sized first = entries.poll();
        if (first != null) {
            count.decrementAndGet();
            bytes.addAndGet(-first.bytes);
        }
    }

    /** Gives up all that waits. Only when its reader has ended. */
    void clear() {
        for (LogEntry entry = peek(); entry != null; entry = peek()) {
            remove();
            if (entry instanceof Transaction transaction) {
                transaction.changes().close();
            }
        }
    }

    int size() {
        return count.get();
    }

    private static long bytesOf(LogEntry entry) {
        return entry instanceof Transaction transaction
                ? ENTRY_BYTES + transaction.changes().memoryBytes()
                : ENTRY_BYTES;
    }

    private record Sized(LogEntry entry, long bytes) {}
}
