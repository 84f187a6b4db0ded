package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Changes;
import dev.replicator.model.Operation;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sync with one source: its log's order is the only order, so every change goes to every target as it is. A whole row
 * is an upsert, an update with gaps an UPDATE of the columns it carries. A change of key is the DELETE and the upsert it
 * comes as; with gaps both are one MOVE, because only the target's row at the old key has what the log lacks.
 */
final class OneSource {
    private static final long ALL_TARGETS = ~1L;

    private OneSource() {}

    /**
     * Puts a transaction into its item. One that fits in memory becomes operations at once; one that stands in a file
     * stays there, and becomes operations each time it is written to a target.
     */
    static void operations(Item item, Changes changes) {
        if (changes.memoryBytes() == 0 && changes.size() > 0) {
            item.stream(() -> operations(changes.iterator()), changes.size(), ALL_TARGETS);
            item.keep(changes);
            return;
        }
        operations(changes.iterator()).forEachRemaining(operation -> item.add(operation, ALL_TARGETS));
        changes.close();
    }

    /** The changes of one transaction as operations, in order. */
    static Iterator<Operation> operations(Iterator<Change> changes) {
        return new InOrder(changes);
    }

    private static final class InOrder implements Iterator<Operation> {
        private final Iterator<Change> changes;
        /** Read ahead, to see whether it belongs to the DELETE before it. */
        private @Nullable Change next;

        InOrder(Iterator<Change> changes) {
            this.changes = changes;
        }

        @Override
        public boolean hasNext() {
            return next != null || changes.hasNext();
        }

        @Override
        public Operation next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Change change = next == null ? changes.next() : next;
            next = change.kind() == ChangeKind.DELETE && changes.hasNext() ? changes.next() : null;
            if (next != null && isMovedWithGaps(next)) {
                Change moved = next;
                next = null;
                return Operation.move(moved.requireKey(), moved.requireRow(), change.requireRow());
            }
            return operation(change);
        }
    }

    private static boolean isMovedWithGaps(Change change) {
        return change.movedFrom() != null && !change.isWhole();
    }

    /** A change by itself as an operation for a node that has nothing else to do with its key. */
    static Operation operation(Change change) {
        if (isMovedWithGaps(change)) {
            throw ReplicatorException.bug(
                    "a row with gaps of table " + change.table().name() + " moved to another key, without the DELETE of"
                            + " its old key right before it",
                    change.kind().name());
        }
        return switch (change.kind()) {
            case TRUNCATE -> Operation.truncate(change.table());
            case DELETE -> Operation.delete(change.requireKey(), change.requireRow(), Operation.UNGUARDED);
            case INSERT, UPDATE ->
                change.isWhole()
                        ? Operation.upsert(change.requireKey(), change.requireRow(), Operation.UNGUARDED)
                        : Operation.update(change.requireKey(), change.requireRow(), Operation.UNGUARDED);
        };
    }
}
