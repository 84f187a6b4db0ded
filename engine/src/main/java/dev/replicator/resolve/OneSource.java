package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Changes;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A sync with one source: its log's order is the only order, so every change goes to every target as it is. A whole row
 * is an upsert, an update with gaps an UPDATE of the columns it carries, or, of a table that is to be completed, an upsert if
 * the log has the old row. A change of key is the DELETE and the upsert it
 * comes as; with gaps both are one MOVE, because only the target's row at the old key has what the log lacks.
 */
final class OneSource {
    private static final long ALL_TARGETS = ~1L;

    private OneSource() {}

    /**
     * Puts a transaction into its item. One that fits in memory becomes operations at once; one that stands in a file
     * stays there, and becomes operations each time it is written to a target.
     */
    static void operations(Item item, Changes changes, Predicate<TableName> completed) {
        if (changes.memoryBytes() == 0 && changes.size() > 0) {
            item.stream(() -> operations(changes.iterator(), completed), changes.size(), ALL_TARGETS);
            item.keep(changes);
            return;
        }
        operations(changes.iterator(), completed).forEachRemaining(operation -> item.add(operation, ALL_TARGETS));
        changes.close();
    }

    /** The changes of one transaction as operations, in order. */
    static Iterator<Operation> operations(Iterator<Change> changes, Predicate<TableName> completed) {
        return new InOrder(changes, completed);
    }

    private static final class InOrder implements Iterator<Operation> {
        private final Iterator<Change> changes;
        private final Predicate<TableName> completed;
        /** Read ahead, to see whether it belongs to the DELETE before it. */
        private @Nullable Change next;

        InOrder(Iterator<Change> changes, Predicate<TableName> completed) {
            this.changes = changes;
            this.completed = completed;
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
            return operation(completed.test(change.table().name()) ? completed(change) : change);
        }
    }

    /** With what the old row tells of the columns that the update does not carry. */
    private static Change completed(Change change) {
        Row old = change.old();
        return change.kind() == ChangeKind.UPDATE && old != null && !change.isWhole()
                ? Change.update(change.requireKey(), old.overlay(change.requireRow()), old)
                : change;
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
