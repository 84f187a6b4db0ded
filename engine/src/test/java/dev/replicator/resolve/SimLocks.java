package dev.replicator.resolve;

import dev.replicator.model.Operation;
import org.jspecify.annotations.Nullable;

/** Who waits for whom at one server: row locks, the table's lock, and the lock on the row of our progress. */
final class SimLocks {
    private SimLocks() {}

    /** Who keeps a transaction or session from its next step; null: nobody. */
    static @Nullable Object wants(SimNode node, Object who) {
        if (who instanceof SimNode.SimTransaction t) {
            return t.at == t.operations.size() ? null : wantsLocal(node, t);
        }
        SimSession session = (SimSession) who;
        if (!session.locked) {
            Object holder = node.locks.get(SimNode.PROGRESS);
            return holder == session ? null : holder;
        }
        if (session.at == session.operations.size()) {
            return null;
        }
        Operation operation = session.operations.get(session.at);
        if (operation.kind() == Operation.Kind.TRUNCATE) {
            return node.anyHolder(session);
        }
        int key = SimTable.keyOf(operation.requireKey());
        boolean locksNothing = operation.kind() != Operation.Kind.UPSERT && !exists(node, session, key);
        return locksNothing ? tableHolder(node, session) : node.holderOf(key, session);
    }

    private static @Nullable Object tableHolder(SimNode node, Object me) {
        Object holder = node.locks.get(SimNode.TABLE);
        return holder == me ? null : holder;
    }

    private static @Nullable Object wantsLocal(SimNode node, SimNode.SimTransaction t) {
        SimNode.SimOperation operation = t.operations.get(t.at);
        return switch (operation.kind()) {
            case "truncate" -> node.anyHolder(t);
            case "insert" -> node.holderOf(operation.key(), t);
            case "move" -> {
                Object first =
                        exists(node, t, operation.key()) ? node.holderOf(operation.key(), t) : tableHolder(node, t);
                yield first != null ? first : node.holderOf(operation.toKey(), t);
            }
            default -> exists(node, t, operation.key()) ? node.holderOf(operation.key(), t) : tableHolder(node, t);
        };
    }

    static boolean exists(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow own = t.written.get(key);
        return own != null ? own.exists() : !t.truncated && node.has(key);
    }

    static boolean exists(SimNode node, SimSession session, int key) {
        SimNode.SimRow own = session.written.get(key);
        return own != null ? own.exists() : !session.truncated && node.has(key);
    }
}
