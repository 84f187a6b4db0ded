package dev.replicator.resolve;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the losers among concurrent versions and describes them for the history.
 *
 * <p>Where a policy decides, a loser is a member of the frontier that is not in the value; where versions are replayed,
 * {@link Losers} finds them part by part. What one transaction did to a key is one change: it is recorded once, as the
 * transaction left the row. Versions that wrote the same are no conflict.
 */
final class Conflicts {
    private static final int KEEP = 10_000;

    private final ResolverSettings settings;
    /** What was recorded while some node had not joined; it gets them when it does. Bounded: other nodes have them too. */
    private final List<Conflict> forJoiners = new ArrayList<>();

    private boolean keeping = true;

    Conflicts(ResolverSettings settings) {
        this.settings = settings;
    }

    /** Records what has lost by a transaction that has just been entered, or in it, with its item. */
    void judge(Item item, KeyState state) {
        if (state.versions.size() < 2) {
            return;
        }
        Losers losers = new Losers(state, item);
        for (Version version : state.versions) {
            if (!version.recorded && !version.isDone() && !version.isTruncate()) {
                Version winner = losers.winnerOver(version);
                if (winner != null && recordedFirst(state, version)) {
                    record(item, describe(state, last(state, version), winner));
                }
            }
        }
    }

    /** Marks all that the transaction of a version did to the key as recorded; says whether nothing of it was. */
    private static boolean recordedFirst(KeyState state, Version version) {
        boolean first = true;
        for (Version other : state.versions) {
            if (isSameTransaction(version, other)) {
                first &= !other.recorded;
                other.recorded = true;
            }
        }
        return first;
    }

    /** Records the members that a verdict discards and that are not recorded yet. {@code state}: as it stands now. */
    void judge(Item item, KeyState state, Verdict value) {
        if (value.members.size() < 2) {
            return;
        }
        for (Version version : value.members) {
            boolean known = version.recorded || version.isDone() || version.isTruncate();
            Conflict.Side winner = known ? null : value.winnerOver(version, settings);
            if (winner != null && !wroteTheSame(version, winner) && recordedFirst(state, version)) {
                String type = type(version.change.kind(), winner.kind());
                record(item, new Conflict(type, side(state, version), winner, state.resolution.name(), value.reason()));
            }
        }
    }

    private static boolean wroteTheSame(Version version, Conflict.Side winner) {
        boolean removed = winner.kind() == ChangeKind.DELETE || winner.kind() == ChangeKind.TRUNCATE;
        Row standing = winner.row();
        return version.removesRow() || removed || standing == null
                ? version.removesRow() && removed
                : version.row().sameValues(standing);
    }

    /**
     * Records a row that moved with gaps to a key that another database has deleted: as the log does not tell all of the
     * row, it does not come back, unless its own database has written it again before the delete is there.
     */
    void lostMove(Item item, KeyState state, Version version, Key from) {
        Conflict.Side moved = side(state, version);
        version.recorded = true;
        record(
                item,
                new Conflict(
                        "update_missing",
                        moved,
                        new Conflict.Side(
                                moved.database(),
                                moved.commitLsn(),
                                moved.commitMicros(),
                                ChangeKind.DELETE,
                                from,
                                null),
                        state.resolution.name(),
                        "the row moved to another key that was deleted elsewhere, and a large value that did not change is"
                                + " not in the log; REPLICA IDENTITY FULL on the table tells it"));
    }

    private void record(Item item, Conflict conflict) {
        item.discard(conflict);
        if (keeping && forJoiners.size() < KEEP) {
            forJoiners.add(conflict);
        }
        settings.conflicts().accept(conflict);
    }

    List<Conflict> forJoiner() {
        return List.copyOf(forJoiners);
    }

    /** Every node has joined: nothing need be kept any more. */
    void allJoined() {
        keeping = false;
        forJoiners.clear();
    }

    /** The last change to the key by the transaction of a version: as that left the row it is recorded. */
    private static Version last(KeyState state, Version version) {
        Version last = version;
        for (Version other : state.versions) {
            if (isSameTransaction(version, other) && other.seq > last.seq) {
                last = other;
            }
        }
        return last;
    }

    /** What a transaction wrote, up to its last change of the key; of a row with gaps what its changes tell together. */
    private static @Nullable Row written(KeyState state, Version last) {
        Row written = last.rowForHistory();
        for (int i = state.versions.indexOf(last) - 1; i >= 0 && !last.isReset() && written != null; i--) {
            Version before = state.versions.get(i);
            if (isSameTransaction(last, before)) {
                if (before.removesRow()) {
                    break;
                }
                written = before.row().overlay(written);
            }
        }
        return written;
    }

    private static boolean isSameTransaction(Version version, Version other) {
        return other.source() == version.source() && other.lsn() == version.lsn() && !other.isTruncate();
    }

    private Conflict describe(KeyState state, Version loser, Version winner) {
        return new Conflict(
                type(loser.change.kind(), winner.change.kind()),
                new Conflict.Side(
                        settings.nodes().get(loser.source()),
                        loser.lsn(),
                        loser.commitMicros,
                        loser.change.kind(),
                        state.key,
                        written(state, loser)),
                side(state, winner),
                policy(state.resolution),
                reason(state.resolution.name(), loser, winner));
    }

    /** As it is recorded: where counters add up, that is said, since a row is then more than one change. */
    private static String policy(Resolution resolution) {
        boolean counts = resolution instanceof Resolution.Replay replay
                && !replay.counters().isEmpty();
        return counts ? resolution.name() + ", delta" : resolution.name();
    }

    private Conflict.Side side(KeyState state, Version version) {
        return new Conflict.Side(
                settings.nodes().get(version.source()),
                version.lsn(),
                version.commitMicros,
                version.change.kind(),
                state.key,
                version.rowForHistory());
    }

    private static String type(ChangeKind lost, ChangeKind won) {
        if (lost == ChangeKind.DELETE) {
            return "delete_origin_differs";
        }
        if (won == ChangeKind.DELETE || won == ChangeKind.TRUNCATE) {
            return "update_deleted";
        }
        return lost == ChangeKind.INSERT || won == ChangeKind.INSERT ? "insert_exists" : "update_origin_differs";
    }

    private String reason(String policy, Version loser, Version winner) {
        String where = settings.nodes().get(winner.source());
        long micros = winner.commitMicros - loser.commitMicros;
        if (micros > 0) {
            return String.format(
                    Locale.ROOT, "%s: the change on %s was committed %.3f ms later", policy, where, micros / 1000.0);
        }
        if (winner.h > loser.h) {
            return policy + ": the change on " + where
                    + " was made in sight of a later commit than the other's, whatever its clock says";
        }
        return policy + ": both were committed at the same microsecond; the database whose name sorts last wins";
    }
}
