package dev.replicator.resolve;

import dev.replicator.acknowledge.OpenTransaction;
import dev.replicator.model.Conflict;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import java.util.ArrayList;
import java.util.List;

/**
 * What one resolved source transaction puts into the queues: its operations, each with the set of nodes it is for.
 *
 * <p>One item stands in every node's queue, so a row for three nodes is held once. Items with {@code source < 0} come
 * from joining or from a skipped guard and stand for others ({@link #covers}).
 */
final class Item implements OpenTransaction {
    final int source;
    final long commitLsn;
    final long end;
    final long commitMicros;

    final List<Operation> operations = new ArrayList<>(1);
    /** Parallel to {@code operations}: bit k is set if the operation is for node k. */
    long[] masks = new long[1];
    /** Nodes at which it is not yet durable (for masters: whose mark has not been read). */
    long need;
    /** Per master: commit LSN of the mark that covers this item there; -1 while there is none. */
    final long[] markAt;

    final List<Conflict> conflicts = new ArrayList<>(0);
    final List<Version> versions = new ArrayList<>(1);
    /** Items that become durable at the node together with this one. */
    final List<Item> covers = new ArrayList<>(0);

    /** All masters have passed it, its versions are about to be counted as closed. */
    boolean closing;
    /** Its versions are counted as closed. */
    boolean closed;

    /** V and H when it was resolved. */
    Positions positions = Positions.zero(0);

    long highest;
    private long bytes = 200;

    Item(int source, long commitLsn, long end, long commitMicros, int masters) {
        this.source = source;
        this.commitLsn = commitLsn;
        this.end = end;
        this.commitMicros = commitMicros;
        this.markAt = new long[masters];
        java.util.Arrays.fill(markAt, NO_MARK);
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

    int size() {
        return operations.size();
    }

    Operation operation(int at) {
        return operations.get(at);
    }

    /** Whether the operation at {@code at} is for {@code node}. */
    boolean isFor(int at, int node) {
        return (masks[at] >>> node & 1) != 0;
    }

    @Override
    public long commitLsn() {
        return commitLsn;
    }

    @Override
    public boolean isDurable() {
        return need == 0;
    }

    @Override
    public long markAt(int master) {
        return markAt[master];
    }

    boolean hasWorkFor(int node) {
        for (int at = 0; at < operations.size(); at++) {
            if (isFor(at, node)) {
                return true;
            }
        }
        return false;
    }

    /** The masters, as a set of nodes. */
    long masters() {
        return (1L << markAt.length) - 1;
    }

    boolean isNeededBy(int node) {
        return (need >>> node & 1) != 0;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return "item n" + source + ":" + commitLsn;
    }
}
