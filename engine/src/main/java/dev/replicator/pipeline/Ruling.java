package dev.replicator.pipeline;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.StoredPolicies;
import dev.replicator.policy.PoliciesInForce;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has the policies that are in force asked for, stored and changed at the masters. Used by the resolve thread only.
 */
final class Ruling {
    private final List<SourceSide> sources;
    private final List<TargetSide> targets;
    final PoliciesInForce inForce;

    Ruling(Wiring wiring, TablePolicies policies, List<SourceSide> sources, List<TargetSide> targets) {
        this.sources = sources;
        this.targets = targets;
        this.inForce = new PoliciesInForce(
                wiring.sync().isMultiMaster()
                        ? wiring.sync().sources().stream()
                                .map(DatabaseSpec::name)
                                .toList()
                        : List.of(),
                policies);
    }

    void connected(int node, StoredPolicies stored) {
        if (isMaster(node)) {
            inForce.connected(node, stored);
        }
    }

    void lost(int node) {
        if (isMaster(node)) {
            inForce.lost(node);
        }
    }

    private boolean isMaster(int node) {
        return node < sources.size() && sources.size() > 1;
    }

    /** Those that do not answer say nothing. */
    void round() {
        if (inForce.isAsking() && sources.size() > 1) {
            for (SourceSide source : sources) {
                TargetSide target = targets.get(source.index);
                if (target.isAway() || (source.failure != null && !target.isStarted())) {
                    inForce.lost(source.index);
                }
            }
        }
        store();
    }

    private void store() {
        for (TargetSide target : targets) {
            StoredPolicies due = target.isConnected() ? inForce.toStore(target.node) : null;
            if (due != null) {
                target.apply.tell(new ApplyThread.Command.StorePolicies(target.session, due));
            }
        }
    }

    /** Changes what is in force as soon as that can be. */
    void tick(Resolver resolver) {
        resolver.watch(inForce.waiting());
        if (!inForce.waiting().isEmpty() && resolver.isClosed()) {
            inForce.change();
            store();
        }
    }

    void stored(int node, StoredPolicies policies) {
        inForce.stored(node, policies);
    }

    @Nullable
    String waitReason() {
        return inForce.waitReason();
    }
}
