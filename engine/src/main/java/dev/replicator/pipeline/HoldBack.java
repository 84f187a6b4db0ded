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
 * joining needs the logs read, so nothing but a full disk holds them back meanwhile. Where nobody is away and no queue is
 * full, the logs are read on in any case: what is open then closes only by the marks in them. Owned by the resolve thread.
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
        boolean joins = targets.stream().anyMatch(target -> target.isConnected() && !resolver.joined(target.node));
        ReplicatorException failure = resolver.spillFailure();
        if (failure != null && (joins || longestAway() != null || isFull(longest()))) {
            name(longest(), failure.primary() + ", so the sources are read no further: " + failure.detail());
            return true;
        }
        if (!joins && resolver.isDiskSpent()) {
            TargetSide away = longestAway();
            if (away != null) {
                away.giveUp(resolver, budget());
            } else if (isFull(longest())) {
                name(longest(), "what waits for it takes all of " + budget() + ": the sources are read no further");
                return true;
            }
        }
        name(null, "");
        return !joins && allAreFull();
    }

    private boolean isFull(@Nullable TargetSide target) {
        return target != null
                && resolver.waitingBytes(target.node) >= wiring.settings().waitingBytes();
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
            boolean candidate = target.isAway() && !target.isGivenUp();
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
            if (isFull(target)) {
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
