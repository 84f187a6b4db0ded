package dev.replicator.resolve;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the losers among concurrent versions and describes them for the history.
 *
 * <p>A loser is a member of the frontier that is not in the value, or not with all it wrote: a whole version that the
 * replay's last reset came after, or one that carried a column now held by a concurrent version. Each is recorded once; versions
 * that wrote the same are no conflict.
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

    /** Records the losers of a key that are not recorded yet with the item that made them lose. */
    void judge(Item item, KeyState state) {
        int members = 0;
        for (Version version : state.versions) {
            if (version.frontier) {
                members++;
            }
        }
        if (members < 2 && state.isWhole()) {
            return;
        }
        Replay value = Replay.of(state.versions, null, null);
        for (Version version : state.versions) {
            if ((version.frontier || version.adds())
                    && !version.recorded
                    && !version.isDone()
                    && !version.isTruncate()) {
                Version winner = winnerOver(state, version, value);
                if (winner != null && !wroteTheSame(version, winner)) {
                    version.recorded = true;
                    record(item, describe(state, version, winner));
                }
            }
        }
    }

    /** Records the members that a verdict discards and that are not recorded yet. */
    void judge(Item item, Verdict value) {
        KeyState state = value.state;
        if (value.members.size() < 2) {
            return;
        }
        for (Version version : value.members) {
            boolean known = version.recorded || version.isDone() || version.isTruncate();
            Conflict.Side winner = known ? null : value.winnerOver(version, settings);
            if (winner != null && !wroteTheSame(version, winner)) {
                version.recorded = true;
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

    private static @Nullable Version winnerOver(KeyState state, Version version, Replay value) {
        if (version.isReset() && (value.reset != version || version.removesRow())) {
            Version last = value.reset;
            return last == null || last == version || !Seen.concurrent(state, version, last) ? null : last;
        }
        Row row = version.isReset() ? version.row() : version.carried();
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c) && !row.relation().isKey(c)) {
                String column = row.relation().columns().get(c).name();
                Version carrier = value.status == Replay.Status.NONE || row.isAdded(c)
                        ? value.resetAfter(version)
                        : value.carrierOf(column);
                if (carrier != null
                        && carrier != version
                        && Seen.concurrent(state, version, carrier)
                        && !wroteTheSame(version, carrier, column)) {
                    return carrier;
                }
            }
        }
        return null;
    }

    private static boolean wroteTheSame(Version a, Version b) {
        if (a.removesRow() || b.removesRow()) {
            return a.removesRow() && b.removesRow();
        }
        return a.isReset() && b.isReset() && a.row().sameValues(b.row());
    }

    private static boolean wroteTheSame(Version a, Version b, String column) {
        if (b.removesRow()) {
            return false;
        }
        int here = a.row().relation().indexOf(column);
        int there = b.row().relation().indexOf(column);
        boolean added = !a.isReset() && here >= 0 && a.carried().isAdded(here);
        return here >= 0 && there >= 0 && !added && a.row().sameValue(here, b.row(), there);
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

    private Conflict describe(KeyState state, Version loser, Version winner) {
        return new Conflict(
                type(loser.change.kind(), winner.change.kind()),
                side(state, loser),
                side(state, winner),
                state.resolution.name(),
                reason(state.resolution.name(), loser, winner));
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
