package dev.replicator.resolve;

import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Tables of a node whose rows were copied there from a state of a source: what that state held of every source need not
 * be written to them again, although the node holds less of the other tables. Immutable.
 */
final class Copied {
    static final Copied NONE = new Copied(Map.of());

    private final Map<TableName, Positions> held;

    Copied(Map<TableName, Positions> held) {
        this.held = Map.copyOf(held);
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** What the node holds of a table, if it holds {@code otherwise} of those that were not copied. */
    Positions held(Table table, Positions otherwise) {
        Positions more = held.get(table.name());
        return more == null ? otherwise : otherwise.join(more);
    }

    /** What has to be read before all of it is known. */
    Positions most(Positions otherwise) {
        Positions most = otherwise;
        for (Positions each : held.values()) {
            most = most.join(each);
        }
        return most;
    }

    /** Whether the table has what committed at {@code lsn} at {@code source}; a negative source: it is not known. */
    boolean has(Table table, int source, long lsn) {
        Positions positions = held.get(table.name());
        return positions != null && source >= 0 && positions.covers(source, lsn);
    }

    /** Of one transaction's operations those on tables that lack it. */
    Iterator<Operation> lacking(Iterator<Operation> operations, int source, long lsn) {
        if (isEmpty() || source < 0) {
            return operations;
        }
        return new Iterator<>() {
            private @Nullable Operation next = advance();

            private @Nullable Operation advance() {
                while (operations.hasNext()) {
                    Operation operation = operations.next();
                    if (!has(operation.table(), source, lsn)) {
                        return operation;
                    }
                }
                return null;
            }

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Operation next() {
                Operation given = next;
                if (given == null) {
                    throw new NoSuchElementException();
                }
                next = advance();
                return given;
            }
        };
    }
}
