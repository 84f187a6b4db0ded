package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one node: items first in, first out, until the node has them durably.
 *
 * <p>An item is waiting, then in a batch that was sent, then passed (its mark read back, or its flush known). A lost
 * session puts what was sent but is not known to be committed back in front of what waits.
 */
final class Outbox {
    /** Operations that make one packed item, about. */
    private static final int PACK_ROWS = 1000;

    final int node;
    /** A session has started at least once. */
    boolean met;

    boolean connected;
    boolean joined;
    /** Its queue was dropped because it was away too long; it is of no use until everything starts anew. */
    boolean givenUp;
    /** Number of the fence its session holds. */
    long fence;
    /** V of its progress when it was first met. */
    Positions startHeld;
    /** Tables that were copied there, and hold more than {@code startHeld}. */
    Copied copied = Copied.NONE;
    /** End of its own log when it was first met; masters only. */
    long logEnd;
    /** V that is known to be durable there. */
    Positions durableHeld;
    /** Stored states have moved since it last got copies of them. */
    boolean copiesDue;
    /** With one source: up to where the copy of its state that is durable here says it may be forgotten. */
    long copiedPosition;

    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Deque<Sent> sent = new ArrayDeque<>();
    /** Of those, the newer ones: their items are in memory. */
    private final Deque<Sent> inMemory = new ArrayDeque<>();

    private final Map<Table, Integer> truncates = new HashMap<>();
    private @Nullable Sent inFlight;
    private long number;
    private long waitingBytes;
    private long waitingTransactions;
    /** Of waitingBytes those that are in memory. */
    private long memoryBytes;
    /** Memory that the items of sent batches take. */
    private long sentBytes;

    /** A batch on its way: written or in flight, not yet passed. */
    static final class Sent {
        final long fence;
        final long number;
        /** V after it. */
        final Positions held;
        /** Copies of stored states it brings. */
        final List<SourceState> states;
        /** What it is made of; of use once more if it gets lost, and when its mark is read. */
        List<Item> items;
        /** Guards of its guarded operations, merged per key. */
        final Map<Key, Long> guards;
        /** Hashes that its marks list so far, where it has guards: a guarded key that no mark lists was skipped. */
        final Set<Long> listed = new HashSet<>();

        Sent(long fence, Batch batch, List<Item> items, Map<Key, Long> guards) {
            this.fence = fence;
            this.number = batch.number();
            this.held = batch.held();
            this.states = batch.states();
            this.items = items;
            this.guards = guards;
        }
    }

    Outbox(int node, int sources) {
        this.node = node;
        this.startHeld = Positions.zero(sources);
        this.durableHeld = Positions.zero(sources);
    }

    void add(Item item) {
        item.retain();
        waiting.add(item);
        count(item, 1);
    }

    /** Whether there is something to write and nothing in flight. */
    boolean isReady() {
        return connected && joined && inFlight == null && (!waiting.isEmpty() || copiesDue);
    }

    /** The waiting items that make the next batch, at most about {@code maxRows} operations; they leave the queue. */
    List<Item> take(int maxRows) {
        List<Item> items = new ArrayList<>();
        long rows = 0;
        while (!waiting.isEmpty()
                && (items.isEmpty() || rows + waiting.peekFirst().rows() <= maxRows)) {
            Item item = waiting.removeFirst();
            items.add(item);
            rows += item.rows();
            count(item, -1);
        }
        return items;
    }

    private void count(Item item, int by) {
        waitingBytes += by * (item.bytes() + item.fileBytes());
        memoryBytes += by * item.bytes();
        waitingTransactions += (long) by * item.transactions;
    }

    /** Takes out of memory what waits, in order; what stands in a file by itself stays as it is. */
    void pack(Backlog files) {
        Deque<Item> items = new ArrayDeque<>(waiting);
        waiting.forEach(item -> count(item, -1));
        waiting.clear();
        try {
            pack(items, waiting, files);
        } finally {
            waiting.forEach(item -> count(item, 1));
        }
    }

    /** Takes the oldest batch out of memory that is committed and still there; says whether there was one. */
    boolean packSent(Backlog files) {
        Sent oldest = inMemory.peekFirst();
        if (oldest == null || oldest == inFlight) {
            return false;
        }
        Deque<Item> items = new ArrayDeque<>(oldest.items);
        List<Item> packed = new ArrayList<>();
        sentBytes -= bytes(oldest.items);
        try {
            pack(items, packed, files);
        } catch (ReplicatorException e) {
            // What could not be written is in memory as before.
            sentBytes += bytes(packed);
            throw e;
        } finally {
            oldest.items = packed;
        }
        inMemory.removeFirst();
        return true;
    }

    /** Moves items, in order; runs of them become one that stands in a file. Those that could not be written stay. */
    private void pack(Deque<Item> items, Collection<Item> packed, Backlog files) {
        List<Item> run = new ArrayList<>();
        long rows = 0;
        try {
            while (!items.isEmpty()) {
                Item item = items.removeFirst();
                if (item.isPackable()) {
                    run.add(item);
                    rows += item.rows();
                }
                if (!run.isEmpty()
                        && (rows >= PACK_ROWS
                                || items.isEmpty()
                                || !items.peekFirst().isPackable())) {
                    packed.add(packed(run, files));
                    run.clear();
                    rows = 0;
                }
                if (!item.isPackable()) {
                    packed.add(item);
                }
            }
        } finally {
            packed.addAll(run);
            packed.addAll(items);
        }
    }

    private Item packed(List<Item> run, Backlog files) {
        Item pack = Item.pack(run, node, files);
        pack.retain();
        run.forEach(Item::release);
        return pack;
    }

    /** Drops everything that waits or is on its way. */
    void giveUp() {
        givenUp = true;
        joined = false;
        waiting.forEach(Item::release);
        sent.forEach(batch -> batch.items.forEach(Item::release));
        waiting.clear();
        sent.clear();
        inMemory.clear();
        sentBytes = 0;
        truncates.clear();
        inFlight = null;
        waitingBytes = 0;
        memoryBytes = 0;
        waitingTransactions = 0;
    }

    /** Heap that what waits takes, about. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Heap that what is sent and has not passed takes, about. */
    long sentBytes() {
        return sentBytes;
    }

    private static long bytes(List<Item> items) {
        long bytes = 0;
        for (Item item : items) {
            bytes += item.bytes();
        }
        return bytes;
    }

    /** A batch is no longer among those sent. */
    private void leaves(Sent batch) {
        boolean first = inMemory.peekFirst() == batch;
        if (first || inMemory.peekLast() == batch) {
            sentBytes -= bytes((first ? inMemory.removeFirst() : inMemory.removeLast()).items);
        }
    }

    long nextNumber() {
        return ++number;
    }

    void send(Sent batch) {
        sent.add(batch);
        inMemory.add(batch);
        sentBytes += bytes(batch.items);
        inFlight = batch;
    }

    /** The batch is committed. What it skipped is told by its mark, not by the session: sessions get lost. */
    void written(long batch) {
        Sent current = inFlight;
        if (current != null && current.number == batch) {
            inFlight = null;
        }
    }

    /** Keys listed by one of the marks of a batch. */
    void listed(Mark mark) {
        for (Sent batch : sent) {
            if (!batch.guards.isEmpty() && batch.fence == mark.fence() && batch.number == mark.batch()) {
                for (long hash : mark.written()) {
                    batch.listed.add(hash);
                }
                for (long hash : mark.missed()) {
                    batch.listed.add(hash);
                }
            }
        }
    }

    /** The batch was rolled back for certain: its items wait again, in front. */
    void failed(long batch) {
        Sent current = inFlight;
        if (current != null && current.number == batch) {
            sent.removeLast();
            inFlight = null;
            giveBack(current);
        }
    }

    /** A new session found batch {@code (lastFence, lastBatch)} in the progress: what came after it is lost. */
    void reconnect(long newFence, long lastFence, long lastBatch) {
        boolean found = false;
        for (Sent batch : sent) {
            found |= batch.fence == lastFence && batch.number == lastBatch;
        }
        while (!sent.isEmpty()
                && !(found && sent.peekLast().fence == lastFence && sent.peekLast().number == lastBatch)) {
            giveBack(sent.removeLast());
        }
        inFlight = null;
        fence = newFence;
        number = 0;
        connected = true;
    }

    private void giveBack(Sent lost) {
        leaves(lost);
        copiesDue |= !lost.states.isEmpty();
        for (int i = lost.items.size() - 1; i >= 0; i--) {
            Item item = lost.items.get(i);
            waiting.addFirst(item);
            count(item, 1);
        }
    }

    /** Takes out all batches up to and including {@code (fence, batch)}; empty if that one is not known here. */
    List<Sent> pass(long batchFence, long batch) {
        boolean known = false;
        for (Sent candidate : sent) {
            known |= candidate.fence == batchFence && candidate.number == batch;
        }
        List<Sent> passed = new ArrayList<>(1);
        while (known) {
            Sent first = sent.removeFirst();
            leaves(first);
            if (first == inFlight) {
                inFlight = null;
            }
            durableHeld = durableHeld.join(first.held);
            for (SourceState state : first.states) {
                copiedPosition = Math.max(copiedPosition, state.position());
            }
            passed.add(first);
            known = !(first.fence == batchFence && first.number == batch);
        }
        return passed;
    }

    /** Counts an item's TRUNCATE of a table as on its way; {@code by} is +1 or -1. */
    void truncating(Table table, int by) {
        truncates.merge(table, by, Integer::sum);
        truncates.remove(table, 0);
    }

    boolean isTruncating(Table table) {
        return truncates.containsKey(table);
    }

    /** Whether it has passed everything that was queued. */
    boolean isEmpty() {
        return waiting.isEmpty() && sent.isEmpty();
    }

    /** V after everything that was sent. */
    Positions sentHeld() {
        Sent last = sent.peekLast();
        return last == null ? durableHeld : last.held;
    }

    /**
     * Whether something that goes back to this node because of its own changes below {@code position} is not settled: a
     * guarded operation whose mark has not been read (it may have been skipped), or a fresh value not yet written.
     */
    boolean isReturning(long position) {
        for (Sent batch : sent) {
            for (long guard : batch.guards.values()) {
                if (guard < position) {
                    return true;
                }
            }
        }
        Sent current = inFlight;
        return (current != null && anyReturns(current.items, position)) || anyReturns(waiting, position);
    }

    private static boolean anyReturns(Iterable<Item> items, long position) {
        for (Item item : items) {
            if (item.returns < position) {
                return true;
            }
        }
        return false;
    }

    long waitingItems() {
        return waitingTransactions;
    }

    long waitingBytes() {
        return waitingBytes;
    }

    @Nullable
    Item oldestWaiting() {
        return waiting.peekFirst();
    }
}
