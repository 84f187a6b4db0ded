package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.resolve.Resolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Back-pressure: when the sources are read no further, so that their logs wait instead of us.
 *
 * <p>That is when as much waits for every node that could take it as may wait, and when what waits cannot be written to
 * files: the disk is full, or the budget is spent while no node is away. A node that is away stops nobody: what waits for
 * it goes to files, and when these have spent their budget, the node that most waits for is given up. A node that is
 * joining needs the logs read, so nothing but a full disk holds them back meanwhile. Owned by the resolve thread.
 */
final class HoldBack {
    private final Wiring wiring;
    private final Resolver resolver;
    private final List<TargetSide> targets;
    private @Nullable TargetSide named;

    HoldBack(Wiring wiring, Resolver resolver, List<TargetSide> targets) {
        this.wiring = wiring;
        this.resolver = resolver;
        this.targets = targets;
    }

    boolean holds() {
        ReplicatorException failure = resolver.spillFailure();
        if (failure != null) {
            name(longest(), failure.primary() + ", so the sources are read no further: " + failure.detail());
            return true;
        }
        if (targets.stream().anyMatch(target -> target.isConnected() && !resolver.joined(target.node))) {
            name(null, "");
            return false;
        }
        if (resolver.isDiskSpent()) {
            TargetSide away = longestAway();
            if (away == null) {
                name(longest(), "what waits for it takes all of " + budget() + ": the sources are read no further");
                return true;
            }
            away.giveUp(resolver, budget());
        }
        name(null, "");
        return allAreFull();
    }

    private String budget() {
        long bytes = wiring.settings().diskBytes();
        return "the space for files (" + (bytes >= 1L << 30 ? (bytes >> 30) + " GiB" : (bytes >> 20) + " MiB") + ")";
    }

    /** Tries again what a full disk refused. */
    void tick() {
        if (resolver.spillFailure() != null) {
            resolver.spillAgain();
        }
    }

    private @Nullable TargetSide longest() {
        TargetSide longest = null;
        for (TargetSide target : targets) {
            if (longest == null || resolver.waitingBytes(target.node) > resolver.waitingBytes(longest.node)) {
                longest = target;
            }
        }
        return longest;
    }

    private @Nullable TargetSide longestAway() {
        TargetSide longest = null;
        for (TargetSide target : targets) {
            boolean candidate = !target.isConnected() && !resolver.isGivenUp(target.node);
            if (candidate
                    && (longest == null || resolver.waitingBytes(target.node) > resolver.waitingBytes(longest.node))) {
                longest = target;
            }
        }
        return longest;
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
    private void name(@Nullable TargetSide target, String reason) {
        if (target == named) {
            return;
        }
        if (named != null) {
            wiring.listener().waitReason(wiring.sync().name(), named.name, null);
        }
        named = target;
        if (target != null) {
            wiring.listener().waitReason(wiring.sync().name(), target.name, reason);
        }
    }
}
