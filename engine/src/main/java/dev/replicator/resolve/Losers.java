package dev.replicator.resolve;

import dev.replicator.model.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a key that is replayed have lost something, and to which other ones.
 *
 * <p>A change is looked at part by part: the columns that it states (an insert all of them, an update those that it
 * carries), what it adds to counters, and that there is a row or, of a delete, none. A part is lost to a larger concurrent
 * version that states the same part otherwise, unless a third one has overwritten it in sight, which stands or loses in its
 * stead: one that states that part, has seen the loser and has not seen the winner. (What has seen both was made when the
 * part was lost already.) Increments are overwritten only by what states or removes the whole row. A part of which the same
 * value stands is not lost, but it may be later.
 *
 * <p>All that a change has seen is read before it. So a pair is looked at when the later of both is read, by its place in
 * the merged order, and what could have overwritten the loser in sight is known by then.
 *
 * <p>What a node holds it has not always had before its eyes. An UPDATE of ours leaves nothing where it met no row, which an
 * application had deleted, nor where the guard skipped it. The row as it was before a change of the node ({@link
 * Replay#of} all that it had seen says what it should have been; an INSERT found none) tells which changes it lacked: these
 * are lost to it like to a concurrent one.
 *
 * <p>Thread: the resolver's.
 */
final class Losers {
    /** The part that is no column: whether there is a row. */
    private static final int PRESENCE = -1;

    private final KeyState state;
    private final Item entered;
    private final Replay value;
    private final List<Sight> sights = new ArrayList<>(0);

    /** {@code entered}: the transaction whose changes have just been entered. */
    Losers(KeyState state, Item entered) {
        this.state = state;
        this.entered = entered;
        this.value = Replay.of(state.versions, null, null);
        for (Version version : state.versions) {
            if (isEntered(version)) {
                Sight sight = Sight.of(state, version);
                if (sight != null) {
                    sights.add(sight);
                }
            }
        }
    }

    /** What a version has lost to; null: nothing, or nothing new. */
    @Nullable
    Version winnerOver(Version version) {
        List<Version> rivals = rivals(version);
        Version winner = rivals.isEmpty() ? null : winnerOver(version, rivals);
        for (int i = 0; winner == null && i < sights.size(); i++) {
            Sight sight = sights.get(i);
            winner = sight.lacks(version) && overwrites(sight, version) ? sight.change() : null;
        }
        return winner == null && isVoid(version) ? value.reset : winner;
    }

    /** Whether it is an update that lacks what it would take to make the row again that a smaller delete has removed. */
    private boolean isVoid(Version version) {
        Version delete = value.reset;
        return value.status == Replay.Status.NONE
                && delete != null
                && !version.isReset()
                && !version.makesRow()
                && delete.compareTo(version) < 0
                && Seen.concurrent(state, version, delete);
    }

    /** Whether the change states a part of a version otherwise that it should have found. */
    private static boolean overwrites(Sight sight, Version version) {
        if (version.removesRow()) {
            return contradicts(sight.change(), version, PRESENCE);
        }
        Row row = stated(version);
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)
                    && !row.relation().isKey(c)
                    && sight.shouldHave(version, c)
                    && contradicts(sight.change(), version, c)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Version winnerOver(Version version, List<Version> rivals) {
        version.mayLose = false;
        if (version.isReset()) {
            boolean stands = version.removesRow() == (value.status == Replay.Status.NONE);
            Version winner = stands ? null : winnerOver(version, PRESENCE, rivals);
            if (winner != null || version.removesRow()) {
                return winner;
            }
        }
        Row row = stated(version);
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c) && !row.relation().isKey(c) && !stands(version, c)) {
                Version winner = winnerOver(version, c, rivals);
                if (winner != null) {
                    return winner;
                }
            }
        }
        return null;
    }

    /** The larger concurrent versions, largest first, as far as they are new together with this one. */
    private List<Version> rivals(Version version) {
        List<Version> rivals = new ArrayList<>(0);
        boolean all = version.mayLose || isEntered(version);
        for (int i = state.versions.size() - 1; i >= 0 && state.versions.get(i) != version; i--) {
            Version other = state.versions.get(i);
            if ((all || isEntered(other)) && Seen.concurrent(state, version, other)) {
                rivals.add(other);
            }
        }
        return rivals;
    }

    private boolean isEntered(Version version) {
        return version.source() == entered.source && version.lsn() == entered.commitLsn;
    }

    /** Whether a part stands as the version states it. */
    private boolean stands(Version version, int c) {
        if (value.status == Replay.Status.NONE) {
            return false;
        }
        if (stated(version).isAdded(c)) {
            return value.resetAfter(version) == null;
        }
        Version carrier = value.carrierOf(nameOf(version, c));
        if (carrier == null || carrier == version) {
            return true;
        }
        boolean same = isSame(version, carrier, c);
        version.mayLose |= same;
        return same;
    }

    private @Nullable Version winnerOver(Version version, int part, List<Version> rivals) {
        for (Version rival : rivals) {
            if (contradicts(rival, version, part) && !isOverwritten(version, rival, part)) {
                return rival;
            }
        }
        return null;
    }

    private static boolean contradicts(Version rival, Version version, int part) {
        if (part == PRESENCE) {
            return version.removesRow() ? rival.makesRow() : rival.removesRow();
        }
        return states(rival, version, part) && !isSame(version, rival, part);
    }

    /** Whether a part was overwritten by a version that had seen it, but not {@code rival}. */
    private boolean isOverwritten(Version version, Version rival, int part) {
        for (int i = state.versions.indexOf(version) + 1; i < state.versions.size(); i++) {
            Version other = state.versions.get(i);
            if (other != rival
                    && (part == PRESENCE ? other.isReset() : states(other, version, part))
                    && Seen.seen(state, other, version)
                    && !Seen.seen(state, other, rival)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code other} states a part of {@code version}: overwrites it, where it is replayed later. */
    private static boolean states(Version other, Version version, int c) {
        if (other.isReset()) {
            return true;
        }
        int there = other.carried().relation().indexOf(nameOf(version, c));
        return there >= 0
                && !stated(version).isAdded(c)
                && !other.carried().isAbsent(there)
                && !other.carried().isAdded(there);
    }

    private static boolean isSame(Version version, Version other, int c) {
        if (other.removesRow() || stated(version).isAdded(c)) {
            return false;
        }
        int there = other.row().relation().indexOf(nameOf(version, c));
        return there >= 0 && version.row().sameValue(c, other.row(), there);
    }

    /** The columns that a version states and what it adds; only of one that leaves a row. */
    static Row stated(Version version) {
        return version.isReset() ? version.row() : version.carried();
    }

    static String nameOf(Version version, int c) {
        return version.row().relation().columns().get(c).name();
    }
}
