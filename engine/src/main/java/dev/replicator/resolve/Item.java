package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Changes;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What one resolved source transaction puts into the queues: its operations, each with the set of nodes it is for.
 *
 * <p>One item stands in every node's queue, so a row for three nodes is held once. Items with {@code source < 0} come
 * from joining, or from a skipped guard and stand for others ({@link #covered}).
 */
final class Item {
    private static final int HEADER_BYTES = 200;

    private static final int ALL = -1;

    final int source;
    final long commitLsn;
    final long end;
    /** When it was committed, by its source's clock; of several the newest. */
    long commitMicros;

    /** What its source's log is read on from behind it, where {@link #end} alone does not tell. */
    @Nullable
    Resume resume;

    /** The same, of several the oldest. */
    long oldestMicros;
    /** How many transactions it is. */
    int transactions = 1;
    /** How many masters there are. */
    final int masters;

    final List<Operation> operations = new ArrayList<>(1);
    /** Parallel to {@code operations}: bit k is set if the operation is for node k. */
    long[] masks = new long[1];

    /** Discarded changes; see {@link #discard}. This and other lists are shared empty ones until there is something. */
    List<Conflict> conflicts = List.of();
    /** Per source from where on it stands for transactions, if it stands for several. */
    Passage.@Nullable Reopened covered;
    /** It sends again what was skipped. */
    boolean isAgain;

    /** V and H when it was resolved. */
    Positions positions = Positions.zero(0);

    long highest;
    /** Of fresh values after skipped guards: the smallest guard that was skipped. */
    long returns = Long.MAX_VALUE;

    private long bytes = HEADER_BYTES;
    private long spillAt = Long.MAX_VALUE;
    private @Nullable Backlog backlog;
    /** Operations in files, older than those in memory. */
    private List<Backlog.Packed> packed = List.of();
    /** Of those, what commits below is left out. */
    private long from;

    private List<Stream> streams = List.of();
    /** Its versions are virtual. */
    @Nullable
    Bulk bulk;
    /** Bulks whose operations this join item streams. */
    List<Bulk> joinedBulks = List.of();

    private @Nullable Changes file;
    /** Queues it stands in, and the window if its keys are virtual. */
    private int holders;

    Item(int source, long commitLsn, long end, long commitMicros, int masters) {
        this.source = source;
        this.commitLsn = commitLsn;
        this.end = end;
        this.commitMicros = commitMicros;
        this.oldestMicros = commitMicros;
        this.masters = masters;
    }

    void add(Operation operation, long mask) {
        int at = operations.size();
        if (at == masks.length) {
            masks = java.util.Arrays.copyOf(masks, at * 2);
        }
        operations.add(operation);
        masks[at] = mask;
        bytes += 80 + (operation.row() == null ? 0 : operation.row().sizeBytes());
        if (bytes > spillAt && backlog != null) {
            spill(backlog);
        }
    }

    /** Lets it put its operations into {@code files} when they are too many for memory. */
    void spillTo(Backlog files) {
        backlog = files;
        spillAt = HEADER_BYTES + files.itemBytes();
    }

    /** Records a discarded change with it. */
    void discard(Conflict conflict) {
        conflicts = with(conflicts, conflict);
    }

    /** Streams the operations of a bulk, for who joins. */
    void join(Bulk bulk) {
        joinedBulks = with(joinedBulks, bulk);
    }

    private static <T> List<T> with(List<T> some, T one) {
        List<T> all = some.isEmpty() ? new ArrayList<>(1) : some;
        all.add(one);
        return all;
    }

    /** Puts all its operations in memory, and the conflicts, into a file. If that fails, nothing has changed. */
    private void spill(Backlog files) {
        try {
            packed = with(packed, files.write(List.of(this), ALL));
        } catch (ReplicatorException e) {
            // No space for it: it stays in memory, and is tried again when it has grown.
            spillAt = 2 * bytes;
            return;
        }
        operations.clear();
        masks = new long[1];
        conflicts = List.of();
        bytes = HEADER_BYTES;
    }

    /** What is in files of the given items' operations for one node, as one item; a run in merged order. */
    static Item pack(List<Item> run, int node, Backlog files) {
        Item last = run.get(run.size() - 1);
        Item pack = new Item(-1, 0, 0, 0, last.masters);
        pack.backlog = files;
        pack.packed = with(pack.packed, files.write(run, node));
        pack.positions = last.positions;
        pack.highest = last.highest;
        pack.transactions = 0;
        pack.oldestMicros = run.get(0).oldestMicros;
        long[] from = new long[last.masters];
        Arrays.fill(from, Long.MAX_VALUE);
        for (Item item : run) {
            pack.commitMicros = Math.max(pack.commitMicros, item.commitMicros);
            pack.transactions += item.transactions;
            from[item.source] = Math.min(from[item.source], item.commitLsn);
        }
        pack.covered = new Passage.Reopened(from);
        return pack;
    }

    /**
     * Whether a node that holds everything of the only source below {@code held} has all of it; if only some, the rest
     * stays.
     */
    boolean isHeld(long held) {
        if (source >= 0) {
            return commitLsn < held;
        }
        from = held;
        return positions.get(0) <= held;
    }

    /** Whether {@link #pack} may take it. */
    boolean isPackable() {
        return source >= 0 && streams.isEmpty() && packed.isEmpty();
    }

    /** Operations for {@code nodes} that stand in a file, before all others; they are of other keys. */
    void stream(Iterable<Operation> fromFile, long count, long nodes) {
        streams = with(streams, new Stream(fromFile, count, nodes));
    }

    /** The file to give up when nobody holds the item any more. */
    void keep(Changes changes) {
        file = changes;
    }

    void retain() {
        holders++;
    }

    /** Gives up the files, if any, with the last holder. */
    void release() {
        if (--holders > 0) {
            return;
        }
        joinedBulks.forEach(joined -> joined.item.release());
        if (file != null) {
            file.close();
            file = null;
            streams = List.of();
        }
        if (backlog != null) {
            packed.forEach(backlog::free);
            packed = List.of();
        }
    }

    /** How many operations there are, for whichever node. */
    long rows() {
        long rows = operations.size();
        for (Stream stream : streams) {
            rows += stream.count;
        }
        for (Backlog.Packed part : packed) {
            rows += part.count();
        }
        return rows;
    }

    /** Discarded changes to be recorded with it. */
    List<Conflict> conflicts() {
        if (packed.isEmpty()) {
            return conflicts;
        }
        List<Conflict> all = new ArrayList<>();
        packed.forEach(part -> all.addAll(files().conflicts(part)));
        all.addAll(conflicts);
        return all;
    }

    private Backlog files() {
        if (backlog == null) {
            throw new IllegalStateException(this + " has no files");
        }
        return backlog;
    }

    /** All operations for {@code node}, in order. */
    Iterator<Operation> operationsFor(int node) {
        if (streams.isEmpty()) {
            return countedFor(node);
        }
        List<Iterable<Operation>> parts = new ArrayList<>();
        for (Stream stream : streams) {
            if ((stream.nodes >>> node & 1) != 0) {
                parts.add(stream.operations);
            }
        }
        parts.add(() -> countedFor(node));
        return new InSequence(parts.iterator());
    }

    /** The same without what tables that were copied have already; for a sync with one source. */
    Iterator<Operation> operationsFor(int node, Copied copied) {
        if (copied.isEmpty() || source >= 0) {
            return copied.lacking(operationsFor(node), source, commitLsn);
        }
        List<Iterable<Operation>> parts = new ArrayList<>();
        packed.forEach(part -> parts.add(() -> files().operations(part, node, from, copied)));
        return new InSequence(parts.iterator());
    }

    /** The same without those of virtual keys: what was counted as on its way, key by key. */
    Iterator<Operation> countedFor(int node) {
        if (packed.isEmpty()) {
            return new Selected(node);
        }
        List<Iterable<Operation>> parts = new ArrayList<>();
        packed.forEach(part -> parts.add(() -> files().operations(part, node, from, Copied.NONE)));
        parts.add(() -> new Selected(node));
        return new InSequence(parts.iterator());
    }

    /** Operations read from a file. */
    private record Stream(Iterable<Operation> operations, long count, long nodes) {}

    /** One part after the other. */
    private static final class InSequence implements Iterator<Operation> {
        private final Iterator<Iterable<Operation>> parts;
        private Iterator<Operation> current = Collections.emptyIterator();

        InSequence(Iterator<Iterable<Operation>> parts) {
            this.parts = parts;
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && parts.hasNext()) {
                current = parts.next().iterator();
            }
            return current.hasNext();
        }

        @Override
        public Operation next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return current.next();
        }
    }

    /** Those in memory whose mask names the node. */
    private final class Selected implements Iterator<Operation> {
        private final int node;
        private int at;

        Selected(int node) {
            this.node = node;
            skip();
        }

        private void skip() {
            while (at < operations.size() && !isFor(at, node)) {
                at++;
            }
        }

        @Override
        public boolean hasNext() {
            return at < operations.size();
        }

        @Override
        public Operation next() {
            if (at >= operations.size()) {
                throw new NoSuchElementException();
            }
            Operation operation = operations.get(at++);
            skip();
            return operation;
        }
    }

    int size() {
        return operations.size();
    }

    Operation operation(int at) {
        return operations.get(at);
    }

    /** Whether it does something to a key, or to its whole table, at {@code node}. */
    boolean concerns(Key key, int node) {
        for (Iterator<Operation> each = countedFor(node); each.hasNext(); ) {
            Operation operation = each.next();
            boolean truncates = operation.kind() == Operation.Kind.TRUNCATE
                    && operation.table().equals(key.table());
            if (truncates || key.equals(operation.key())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the operation at {@code at} is for {@code node}. */
    boolean isFor(int at, int node) {
        return (masks[at] >>> node & 1) != 0;
    }

    boolean hasWorkFor(int node) {
        for (Stream stream : streams) {
            if ((stream.nodes >>> node & 1) != 0) {
                return true;
            }
        }
        return countedFor(node).hasNext();
    }

    /** Whether there is a discarded change to be recorded with it. */
    boolean hasConflicts() {
        return !conflicts.isEmpty() || packed.stream().anyMatch(part -> part.conflicts() > 0);
    }

    /** Whether there is an operation, of whichever node, that does not stand in a transaction's own file. */
    boolean hasCounted() {
        return !operations.isEmpty() || !packed.isEmpty();
    }

    /** Memory it takes, about. */
    long bytes() {
        return bytes;
    }

    /** Bytes in files of the sync's backlog. */
    long fileBytes() {
        long sum = 0;
        for (Backlog.Packed part : packed) {
            sum += part.length();
        }
        return sum;
    }

    @Override
    public String toString() {
        return "item n" + source + ":" + commitLsn;
    }
}
