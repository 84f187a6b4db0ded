package dev.replicator.resolve;

import org.jspecify.annotations.Nullable;

/**
 * What is sent where for tables whose policy decides on the frontier.
 *
 * <p>The value goes to every other node, whether or not it changed: after a restart "unchanged" may be an illusion. The
 * change's own node gets it if the value is not exactly the change, or if something of ours was, or will be, written over
 * it. Nothing is guarded.
 */
final class Deciding {
    private final ResolverSettings settings;
    private final Conflicts conflicts;
    private final Delivery delivery;

    Deciding(ResolverSettings settings, Conflicts conflicts, Delivery delivery) {
        this.settings = settings;
        this.conflicts = conflicts;
        this.delivery = delivery;
    }

    /** {@code before}: the verdict without the version, where it is known; null: there was none. Returns the one with it. */
    Verdict change(Item item, KeyState state, Version version, @Nullable Verdict before) {
        Verdict value = Verdict.of(state, settings);
        boolean changed = settings.has(Rule.ALWAYS) || before == null || !value.leavesSameAs(before);
        if (changed) {
            put(item, state, value, delivery.othersThan(item.source));
        }
        if (changed || value.isExactly(version, item.source)) {
            toOwnNode(item, state, version, value);
        }
        return value;
    }

    private void toOwnNode(Item item, KeyState state, Version version, Verdict value) {
        int own = item.source;
        boolean due = !value.isExactly(version, own) || delivery.isPending(own, state);
        if (due && settings.has(Rule.ECHO)) {
            delivery.put(item, state, value.operationFor(own), 1L << own);
        }
    }

    /** A TRUNCATE has been entered under the key and is on its way: what survives it follows. */
    void truncated(Item item, KeyState state, Version truncate) {
        Verdict value = Verdict.of(state, settings);
        conflicts.judge(item, state, value);
        if (settings.has(Rule.TREWRITE)) {
            long others = delivery.othersThan(item.source);
            for (int node = 0; node < settings.nodes().size(); node++) {
                if ((others >>> node & 1) != 0 && value.leavesRow(node)) {
                    delivery.put(item, state, value.operationFor(node), 1L << node);
                }
            }
        }
        toOwnNode(item, state, truncate, value);
    }

    private void put(Item item, KeyState state, Verdict value, long nodes) {
        if (value.isOne()) {
            delivery.put(item, state, value.operationFor(-1), nodes);
            return;
        }
        for (int node = 0; node < settings.nodes().size(); node++) {
            if ((nodes >>> node & 1) != 0) {
                delivery.put(item, state, value.operationFor(node), 1L << node);
            }
        }
    }
}
