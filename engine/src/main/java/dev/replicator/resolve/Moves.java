package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completes rows that move to another key. A large value that did not change is not in the log; it is known if the window
 * holds it in a version of the old key that the change had seen.
 *
 * <p>A change of key is a DELETE and then at once an INSERT. The versions that the DELETE has seen may leave the window
 * with it, and so are kept here until then. Thread: the resolver's.
 */
final class Moves {
    private @Nullable Version deleted;
    /** The versions of its key that it had seen, in version order. */
    private List<Version> seen = List.of();

    /** Has to be told of a DELETE before it is entered. */
    void deleting(KeyState state, Version delete) {
        deleted = delete;
        boolean replayed = state.resolution instanceof Resolution.Replay replay && !replay.needsOldRows();
        seen = replayed
                ? state.versions.stream()
                        .filter(version -> Seen.seen(state, delete, version))
                        .toList()
                : List.of();
    }

    /** The change as an ordinary insert, if it is a moved row with gaps of which the rest is known; else as it is. */
    Change complete(Item item, Change change) {
        Key from = change.movedFrom();
        Version delete = deleted;
        if (from == null
                || change.isWhole()
                || delete == null
                || delete.source() != item.source
                || delete.lsn() != item.commitLsn
                || !from.equals(delete.change.key())) {
            return change;
        }
        Row known = Replay.of(seen, null, null).known();
        Row row = known == null ? change.requireRow() : known.overlay(change.requireRow());
        return row.isWhole() ? Change.insert(change.requireKey(), row) : change;
    }
}
