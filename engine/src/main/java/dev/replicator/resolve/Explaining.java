package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Lsn;
import dev.replicator.model.RowExplanation;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a person what the window holds of a key. Changes nothing. */
final class Explaining {
    private final ResolverSettings settings;
    private final List<Outbox> outboxes;
    private final KeyState state;

    Explaining(ResolverSettings settings, List<Outbox> outboxes, KeyState state) {
        this.settings = settings;
        this.outboxes = outboxes;
        this.state = state;
    }

    RowExplanation explanation() {
        Set<Version> standing = new HashSet<>();
        @Nullable String reason = stand(standing);
        List<RowExplanation.Change> changes = new ArrayList<>();
        for (Version version : state.versions) {
            changes.add(new RowExplanation.Change(
                    name(version.source()),
                    version.lsn(),
                    version.commitMicros,
                    version.change.kind(),
                    standing.contains(version),
                    seenBy(version),
                    heldBy(version),
                    version.removesRow() ? null : version.change.row()));
        }
        boolean concurrent =
                state.versions.stream().filter(version -> version.frontier).count() > 1;
        return new RowExplanation(state.resolution.name(), concurrent ? reason : null, changes, onTheirWay());
    }

    /** Puts the versions that the value is made of into {@code standing}; returns why. */
    private @Nullable String stand(Set<Version> standing) {
        if (state.resolution instanceof Resolution.Replay) {
            Replay value = Replay.of(state.versions, null, null);
            for (Version version : state.versions) {
                if (value.standsOf(version)) {
                    standing.add(version);
                }
            }
            return state.resolution.name() + ": of concurrent changes the one that was committed last";
        }
        try {
            Verdict value = Verdict.of(state, settings);
            for (Version version : value.members) {
                if (value.isExactly(version, version.source())) {
                    standing.add(version);
                }
            }
            return value.reason();
        } catch (ReplicatorException undecided) {
            return undecided.detail();
        }
    }

    private List<String> seenBy(Version version) {
        List<String> seenBy = new ArrayList<>();
        for (Version later : state.versions) {
            if (Seen.seen(state, later, version)) {
                seenBy.add(name(later.source()) + " at " + Lsn.format(later.lsn()));
            }
        }
        return seenBy;
    }

    private List<String> heldBy(Version version) {
        List<String> heldBy = new ArrayList<>();
        for (Outbox outbox : outboxes) {
            if (outbox.node == version.source() || outbox.durableHeld.covers(version.source(), version.lsn())) {
                heldBy.add(name(outbox.node));
            }
        }
        return heldBy;
    }

    private Map<String, Integer> onTheirWay() {
        Map<String, Integer> onTheirWay = new HashMap<>();
        for (int master = 0; master < state.pending.length; master++) {
            if (state.pending[master] > 0) {
                onTheirWay.put(name(master), state.pending[master]);
            }
        }
        return onTheirWay;
    }

    private String name(int node) {
        return settings.nodes().get(node);
    }
}
