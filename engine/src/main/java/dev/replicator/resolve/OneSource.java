package dev.replicator.resolve;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import dev.replicator.model.Operation;
import java.util.Iterator;

/**
 * A sync with one source: its log's order is the only order, so every change goes to every target as it is. A whole row
 * is an upsert, an update with gaps an UPDATE of the columns it carries.
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
            item.stream(() -> map(changes.iterator()), changes.size(), ALL_TARGETS);
            item.keep(changes);
            return;
        }
        for (Change change : changes) {
            item.add(operation(change), ALL_TARGETS);
        }
        changes.close();
    }

    private static Iterator<Operation> map(Iterator<Change> changes) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return changes.hasNext();
            }

            @Override
            public Operation next() {
                return operation(changes.next());
            }
        };
    }

    /** A whole change as an operation for a node that has nothing else to do with its key. */
    static Operation operation(Change change) {
        if (change.movedFrom() != null && !change.isWhole()) {
            throw ReplicatorException.fatal(
                    ErrorCode.TABLE,
                    "cannot carry a change of key in table " + change.table().name(),
                    "A large value of the row did not change with its key, so the log does not hold it, and the row"
                            + " would be lost.",
                    "Set REPLICA IDENTITY FULL on the table at the source, so that it cannot happen again. To get past"
                            + " this transaction, stop, carry it over by hand, and move the slot beyond it with"
                            + " \"replicator slot advance\".");
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
