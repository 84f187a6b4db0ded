package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.model.Changes;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import java.util.ArrayList;
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
    final int source;
    final long commitLsn;
    final long end;
    final long commitMicros;
    /** How many masters there are. */
    final int masters;

    final List<Operation> operations = new ArrayList<>(1);
    /** Parallel to {@code operations}: bit k is set if the operation is for node k. */
    long[] masks = new long[1];

    final List<Conflict> conflicts = new ArrayList<>(0);
    /** The transactions that pass with this item, if it stands for others. */
    Passage.@Nullable Reopened covered;

    /** V and H when it was resolved. */
    Positions positions = Positions.zero(0);

    long highest;
    private long bytes = 200;
    private final List<Stream> streams = new ArrayList<>(0);
    /** Its versions are virtual. */
    @Nullable
    Bulk bulk;
    /** Bulks whose operations this join item streams. */
    final List<Bulk> joinedBulks = new ArrayList<>(0);

    private @Nullable Changes file;
    /** Queues it stands in, and the window if its keys are virtual. */
    private int holders;

    Item(int source, long commitLsn, long end, long commitMicros, int masters) {
        this.source = source;
        this.commitLsn = commitLsn;
        this.end = end;
        this.commitMicros = commitMicros;
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
    }

    /** Operations for {@code nodes} that stand in a file, before those in memory; they are of other keys. */
    void stream(Iterable<Operation> fromFile, long count, long nodes) {
        streams.add(new Stream(fromFile, count, nodes));
    }

    /** The file to give up when nobody holds the item any more. */
    void keep(Changes changes) {
        file = changes;
    }

    void retain() {
        holders++;
        joinedBulks.forEach(joined -> joined.item.retain());
    }

    /** Gives up the file, if any, with the last holder. */
    void release() {
        joinedBulks.forEach(joined -> joined.item.release());
        if (--holders == 0 && file != null) {
            file.close();
            file = null;
            streams.clear();
        }
    }

    /** How many operations there are, for whichever node. */
    long rows() {
        long rows = operations.size();
        for (Stream stream : streams) {
            rows += stream.count;
        }
        return rows;
    }

    /** The operations for {@code node}, in order. */
    Iterator<Operation> operationsFor(int node) {
        if (streams.isEmpty()) {
            return new Selected(node);
        }
        List<Iterable<Operation>> parts = new ArrayList<>();
        for (Stream stream : streams) {
            if ((stream.nodes >>> node & 1) != 0) {
                parts.add(stream.operations);
            }
        }
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
        for (int at = 0; at < operations.size(); at++) {
            Operation operation = operations.get(at);
            boolean truncates = operation.kind() == Operation.Kind.TRUNCATE
                    && operation.table().equals(key.table());
            if (isFor(at, node) && (truncates || key.equals(operation.key()))) {
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
        for (int at = 0; at < operations.size(); at++) {
            if (isFor(at, node)) {
                return true;
            }
        }
        return false;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "item n" + source + ":" + commitLsn;
    }
}
