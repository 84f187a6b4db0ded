package dev.replicator.resolve;

import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The row that a change found at its own node, beside what all that the node held comes to.
 *
 * @param change an insert, which found none, or a change of which the log tells the row before
 * @param resolution how the key is replayed
 * @param held the replay of all that the change had seen, and of what was changed before at the same node
 * @param found the row as it was; null: there was none
 */
record Sight(
        Version change,
        Resolution.Replay resolution,
        Replay held,
        @Nullable Row found) {
    /** Null: nothing is known of what it found, or it had seen nothing of another node. */
    static @Nullable Sight of(KeyState state, Version change) {
        Row old = change.change.old();
        boolean any = false;
        for (Version other : state.versions) {
            any |= other.source() != change.source() && Seen.seen(state, change, other);
        }
        if (!any || change.isTruncate() || (old == null && !change.isInsert())) {
            return null;
        }
        List<Version> seen = state.versions.stream()
                .filter(other -> Seen.seen(state, change, other) || isEarlierHere(other, change))
                .toList();
        return new Sight(change, (Resolution.Replay) state.resolution, Replay.of(seen, null, null), old);
    }

    /** An UPDATE of ours leaves the columns of an earlier local change that it does not write, though its mark lists the key. */
    private static boolean isEarlierHere(Version other, Version change) {
        return other.source() == change.source() && other.lsn() < change.lsn();
    }

    /**
     * Whether nothing of another node's version was there, although it is of what should have been. Of counters nothing can
     * be told: what is missing in a sum may be anything.
     */
    boolean lacks(Version version) {
        if (version.source() == change.source()) {
            return false;
        }
        if (version.removesRow()) {
            return found != null && held.status == Replay.Status.NONE && held.reset == version;
        }
        if (found == null) {
            return held.status == Replay.Status.ROW;
        }
        boolean lacks = false;
        Row row = Losers.stated(version);
        for (int c = 0; c < row.relation().size(); c++) {
            String name = Losers.nameOf(version, c);
            if (!row.isAbsent(c)
                    && !row.relation().isKey(c)
                    && !resolution.counters().contains(name)
                    && shouldHave(version, c)) {
                int there = found.relation().indexOf(name);
                if (there < 0 || found.kind(there) != row.kind(c) || found.sameValue(there, row, c)) {
                    return false;
                }
                lacks = true;
            }
        }
        return lacks;
    }

    /** Whether a part of a version should have been in the row. */
    boolean shouldHave(Version version, int c) {
        return Losers.stated(version).isAdded(c)
                ? held.resetAfter(version) == null
                : held.carrierOf(Losers.nameOf(version, c)) == version;
    }
}
