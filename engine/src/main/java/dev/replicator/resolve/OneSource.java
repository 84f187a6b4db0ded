package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import dev.replicator.model.Operation;

/**
 * A sync with one source: its log's order is the only order, so every change goes to every target as it is. A whole row
 * is an upsert, an update with gaps an UPDATE of the columns it carries.
 */
final class OneSource {
    private static final long ALL_TARGETS = ~1L;

    private OneSource() {}

    static void operations(Item item, Changes changes) {
        for (Change change : changes) {
            item.add(operation(change), ALL_TARGETS);
        }
    }

    private static Operation operation(Change change) {
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
