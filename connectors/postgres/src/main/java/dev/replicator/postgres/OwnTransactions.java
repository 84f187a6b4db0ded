package dev.replicator.postgres;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The newest transaction ids of this session: a row whose {@code xmin} is one of them was last written by us. Forgetting
 * an old one only makes a guarded operation be skipped, which is always allowed. One thread.
 */
final class OwnTransactions {
    private static final int MAX = 4_096;

    private final ArrayDeque<Integer> order = new ArrayDeque<>();
    private final Set<Integer> ids = new HashSet<>();
    private @Nullable Parameter cached;

    void add(long id) {
        int shortId = (int) id;
        if (ids.add(shortId)) {
            order.addLast(shortId);
            if (order.size() > MAX) {
                ids.remove(order.removeFirst());
            }
            cached = null;
        }
    }

    /** As an array of xid. */
    Parameter parameter() {
        if (cached == null) {
            ArrayBuilder array = new ArrayBuilder(Parameter.XID, order.size());
            order.forEach(array::addInt);
            cached = new Parameter(array.build(), Parameter.XID_ARRAY);
        }
        return cached;
    }
}
