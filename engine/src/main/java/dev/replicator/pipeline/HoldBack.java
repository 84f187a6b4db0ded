package dev.replicator.pipeline;

import dev.replicator.resolve.Resolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Back-pressure: when the sources are read no further, so that their logs wait instead of our memory.
 *
 * <p>That is when as much waits for every node that could take it as may wait, or when what waits for a node that is away
 * fills the memory set aside. Until then a node that is away stops nobody; from then on all go on when it is back. A node
 * that is still joining needs the logs read, so nothing is held back meanwhile. Owned by the resolve thread.
 */
final class HoldBack {
    /** Rows take about three times as much heap as they have bytes, and a quarter of the heap is set aside. */
    private static final int HEAP_SHARE = 12;

    private final Wiring wiring;
    private final Resolver resolver;
    private final List<TargetSide> targets;
    private final long awayBytes;
    private @Nullable TargetSide named;

    HoldBack(Wiring wiring, Resolver resolver, List<TargetSide> targets) {
        this.wiring = wiring;
        this.resolver = resolver;
        this.targets = targets;
        this.awayBytes =
                Math.max(wiring.settings().waitingBytes(), Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    boolean holds() {
        if (targets.stream().anyMatch(target -> target.isConnected() && !resolver.joined(target.node))) {
            name(null);
            return false;
        }
        TargetSide absent = fillsMemory();
        name(absent);
        return absent != null || allAreFull();
    }

    private @Nullable TargetSide fillsMemory() {
        for (TargetSide target : targets) {
            if (!target.isConnected() && resolver.waitingBytes(target.node) >= awayBytes) {
                return target;
            }
        }
        return null;
    }

    private boolean allAreFull() {
        int full = 0;
        for (TargetSide target : targets) {
            if (resolver.waitingBytes(target.node) >= wiring.settings().waitingBytes()) {
                full++;
            } else if (target.isConnected()) {
                return false;
            }
        }
        return full > 0;
    }

    /** Names the node that holds the others back in the status, and takes it back when it is over. */
    private void name(@Nullable TargetSide absent) {
        if (absent == named) {
            return;
        }
        TargetSide concerned = absent != null ? absent : named;
        named = absent;
        if (concerned != null) {
            String reason = "is away, and what waits for it fills the memory set aside (" + (awayBytes >> 20)
                    + " MiB): the sources are read no further until it is back";
            wiring.listener().waitReason(wiring.sync().name(), concerned.name, absent == null ? null : reason);
        }
    }
}
