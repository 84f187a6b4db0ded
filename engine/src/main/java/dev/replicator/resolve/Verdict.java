package dev.replicator.resolve;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Lsn;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The value of a key of a table whose policy decides on the frontier: one of its members, a merged row, or no row; under
 * {@code skip} each node's own. A function of the versions, never of the order in which they came. Immutable.
 */
final class Verdict {
    final KeyState state;
    /** The members of the frontier in version order. */
    final List<Version> members;
    /** Null while there is only one member: nothing to decide. */
    final @Nullable Decision decision;

    private Verdict(KeyState state, List<Version> members, @Nullable Decision decision) {
        this.state = state;
        this.members = members;
        this.decision = decision;
    }

    static Verdict of(KeyState state, ResolverSettings settings) {
        List<Version> members = frontier(state);
        Decision decision = null;
        if (members.size() > 1 && state.resolution instanceof Resolution.Decided decided) {
            Frontier frontier = new Frontier(
                    state.key,
                    members.stream().map(version -> member(version, settings)).toList());
            decision = decided.policy().decide(frontier);
            if (decision instanceof Decision.Stop stop) {
                throw stopped(frontier, stop);
            }
        }
        return new Verdict(state, members, decision);
    }

    private static List<Version> frontier(KeyState state) {
        List<Version> members = new ArrayList<>(2);
        for (Version version : state.versions) {
            if (version.isTruncate() ? isUnseen(state, version) : version.frontier) {
                members.add(version);
            }
        }
        return members;
    }

    /** A TRUNCATE stands under many keys, so whether it is in the frontier is not kept in it. */
    private static boolean isUnseen(KeyState state, Version truncate) {
        for (Version other : state.versions) {
            if (Seen.seen(state, other, truncate)) {
                return false;
            }
        }
        return true;
    }

    private static Frontier.Member member(Version version, ResolverSettings settings) {
        return new Frontier.Member(
                settings.nodes().get(version.source()),
                version.lsn(),
                version.commitMicros,
                version.change.kind(),
                version.effect.row(),
                version.change.old());
    }

    private static ReplicatorException stopped(Frontier frontier, Decision.Stop stop) {
        List<String> sides = new ArrayList<>();
        for (Frontier.Member member : frontier.members()) {
            sides.add(member.kind() + " on \"" + member.database() + "\" at " + Lsn.format(member.commitLsn()));
        }
        return ReplicatorException.fatal(
                ErrorCode.CONFLICT,
                "cannot decide a conflict in table " + frontier.table().name(),
                String.join(", ", sides) + ". " + stop.reason() + ".",
                "Give the table another policy under conflict:, reload or start again, and then resume the sync.");
    }

    /** What stands at a node: an upsert or a delete. */
    Operation operationFor(int node) {
        Row merged = mergedRow();
        if (merged != null) {
            return Operation.upsert(state.key, merged, Operation.UNGUARDED);
        }
        Version version = standing(node);
        if (version != null && !version.removesRow()) {
            return Operation.upsert(state.key, version.row(), Operation.UNGUARDED);
        }
        Row deleted = version == null ? null : version.change.row();
        return Operation.delete(state.key, deleted == null ? state.keyRow() : deleted, Operation.UNGUARDED);
    }

    private @Nullable Row mergedRow() {
        return decision instanceof Decision.Merged merged ? merged.row() : null;
    }

    /** The version that stands at a node; null when it is none of the members. */
    private @Nullable Version standing(int node) {
        if (decision instanceof Decision.Merged || decision instanceof Decision.Delete) {
            return null;
        }
        if (decision instanceof Decision.Winner winner) {
            return members.get(winner.index());
        }
        if (state.resolution instanceof Resolution.KeepEach) {
            for (int i = members.size() - 1; i >= 0; i--) {
                if (members.get(i).source() == node) {
                    return members.get(i);
                }
            }
        }
        return members.get(members.size() - 1);
    }

    boolean leavesRow(int node) {
        Version version = standing(node);
        return mergedRow() != null || (version != null && !version.removesRow());
    }

    /** Whether both leave the same row, or none. */
    boolean leavesSameAs(Verdict other) {
        if (!leavesRow(-1) || !other.leavesRow(-1)) {
            return leavesRow(-1) == other.leavesRow(-1);
        }
        return operationFor(-1).requireRow().sameValues(other.operationFor(-1).requireRow());
    }

    /** Whether all nodes get the same. */
    boolean isOne() {
        return !(state.resolution instanceof Resolution.KeepEach) || members.size() < 2;
    }

    /** Whether what stands at the node is exactly what the version wrote. */
    boolean isExactly(Version version, int node) {
        Row merged = mergedRow();
        if (merged != null) {
            return !version.removesRow() && version.row().sameValues(merged);
        }
        return decision instanceof Decision.Delete ? version.removesRow() : standing(node) == version;
    }

    String reason() {
        return decision == null ? "skip: each database keeps its own change" : decision.reason();
    }

    /** What stands instead of a member, for the history; null if that one stands. Where each node keeps its own: another. */
    Conflict.@Nullable Side winnerOver(Version member, ResolverSettings settings) {
        Row merged = mergedRow();
        Version newest = members.get(members.size() - 1);
        if (merged != null) {
            return side(newest, ChangeKind.UPDATE, merged, settings);
        }
        if (decision instanceof Decision.Delete) {
            return side(newest, ChangeKind.DELETE, state.keyRow(), settings);
        }
        Version standing = standing(-1);
        if (standing == member && !isOne()) {
            standing = members.get(members.size() - 2);
        }
        return standing == null || standing == member
                ? null
                : side(standing, standing.change.kind(), standing.rowForHistory(), settings);
    }

    private Conflict.Side side(Version version, ChangeKind kind, @Nullable Row row, ResolverSettings settings) {
        return new Conflict.Side(
                settings.nodes().get(version.source()), version.lsn(), version.commitMicros, kind, state.key, row);
    }
}
