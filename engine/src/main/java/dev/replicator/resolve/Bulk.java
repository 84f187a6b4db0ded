package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transaction too large for memory: its changes stay in their file, and its versions in the window are virtual.
 *
 * <p>Nearly all keys of such a transaction are touched by nobody else while it is open. For those nothing is kept but the
 * key's hash in an index outside of the heap; the operation for the other nodes is read from the file when it is written.
 * A key that another version, a mark or a join asks for is made real at that moment ({@link Window#get}), with exactly the
 * counts it would have had. Changes whose key is open already, or that occur a second time, or have gaps, are entered the
 * ordinary way ({@link #explicit}).
 */
final class Bulk {
    final Item item;
    private final Changes changes;
    private final long h;
    private final Positions held;
    private final Done done;
    private final ResolverSettings settings;
    private final HashIndex index;
    /** Numbers of the changes that were entered the ordinary way. */
    private final BitSet explicit = new BitSet();
    /** Numbers of the changes whose keys were made real since. */
    private final BitSet real = new BitSet();

    private final List<Real> realKeys = new ArrayList<>(0);
    /** Nodes for which its operations are read from the file. */
    long nodes;
    /** Nodes that have passed them. */
    long passed;

    Bulk(Item item, Changes changes, long h, Positions held, Done done, ResolverSettings settings) {
        this.item = item;
        this.changes = changes;
        this.h = h;
        this.held = held;
        this.done = done;
        this.settings = settings;
        this.index = new HashIndex(settings.memory().spool(), changes.size());
    }

    /** Keeps a change virtual. */
    void add(Key key, int number) {
        index.put(key.hash(), number);
    }

    /** Marks a change as entered the ordinary way. */
    void explicit(int number) {
        explicit.set(number);
    }

    boolean has(long hash) {
        return index.get(hash) >= 0;
    }

    /** The key under a hash that {@link #has} it. */
    Key key(long hash) {
        return changes.get(index.get(hash)).requireKey();
    }

    /** Makes a virtual key real, if it is one of ours; the version it gets, not yet in a state. */
    @Nullable
    Version take(Key key) {
        long number = index.get(key.hash());
        if (number < 0) {
            return null;
        }
        Change change = changes.get(number);
        if (!key.equals(change.key())) {
            return null;
        }
        index.remove(key.hash());
        real.set((int) number);
        return version(change, (int) number);
    }

    /** A change of this transaction as a version. */
    Version version(Change change, int number) {
        return new Version(item, change, number, h, held, done, settings.resolution(change.table()));
    }

    Changes changes() {
        return changes;
    }

    /** Below the stored Q: never a reason to send. */
    boolean isDone() {
        return done.covers(item.source, item.commitLsn);
    }

    /** A state that was made real, and the nodes on their way to which its operation was counted. */
    private record Real(Key key, long counted, boolean reset) {}

    /** The state a version of ours got; its operation is counted there for every node it is on its way to. */
    void became(KeyState state, Version version) {
        Real one = new Real(state.key, nodes & ~passed, version.isReset());
        if (one.counted != 0) {
            realKeys.add(one);
        }
        for (int master = 0; master < state.pending.length; master++) {
            count(state, one, master, 1);
        }
    }

    private static void count(KeyState state, Real one, int master, int by) {
        if ((one.counted >>> master & 1) != 0) {
            state.pending[master] += by;
            if (one.reset) {
                state.pendingResets[master] += by;
            }
        }
    }

    /** A node has passed the operations: what was counted for real keys is counted down. */
    void pass(int node, Window window) {
        long bit = 1L << node;
        boolean counts = (nodes & ~passed & bit) != 0;
        passed |= bit;
        if (counts && node < item.masters) {
            for (Real one : realKeys) {
                KeyState state = window.get(one.key);
                if (state != null) {
                    count(state, one, node, -1);
                }
            }
        }
    }

    /** The keys that are real and for which something was counted. */
    void forEachReal(Consumer<Key> action) {
        realKeys.forEach(one -> action.accept(one.key));
    }

    /** Visits every key of a table that is still virtual; it may become real by that. */
    void forEachVirtual(Table table, Consumer<Key> action) {
        int number = 0;
        for (Change change : changes) {
            if (!explicit.get(number) && !real.get(number) && change.table().equals(table)) {
                action.accept(change.requireKey());
            }
            number++;
        }
    }

    /** Whether a node that holds {@code other} lacks it. */
    boolean isLackedBy(int node, Positions other) {
        return !isDone() && item.source != node && !other.covers(item.source, item.commitLsn);
    }

    /** The operations of all changes that are not explicit, read from the file. */
    Iterable<Operation> operations() {
        return () -> new FromFile(explicit);
    }

    /** The operations of what is virtual now, for a node that joins: what is real by now it gets otherwise. */
    Iterable<Operation> operationsOfVirtual() {
        BitSet skip = (BitSet) explicit.clone();
        skip.or(real);
        return () -> new FromFile(skip);
    }

    long size() {
        return changes.size() - explicit.cardinality();
    }

    void close() {
        index.close();
    }

    private final class FromFile implements Iterator<Operation> {
        private final Iterator<Change> source = changes.iterator();
        private final BitSet skip;
        private int number;
        private @Nullable Change next;

        FromFile(BitSet skip) {
            this.skip = skip;
            advance();
        }

        private void advance() {
            next = null;
            while (next == null && source.hasNext()) {
                Change change = source.next();
                if (!skip.get(number++)) {
                    next = change;
                }
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Operation next() {
            Change change = next;
            if (change == null) {
                throw new NoSuchElementException();
            }
            advance();
            return Effect.of(change, settings.resolution(change.table())).operation(change);
        }
    }
}
