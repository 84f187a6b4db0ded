package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows that move to another key without a large value, because it did not change and so is not in the log. A change of
 * key is a DELETE and then at once an INSERT.
 *
 * <p>Where the same transaction has told the value before, the row is completed. Otherwise its own master alone has it, and
 * is to write the missing columns again as they stand there: a change of its own, of which the log has all. Until then the
 * transaction that moved the row is not acknowledged, so that whoever reads it again asks for the same. What other
 * transactions have told is not used: what is still known of them, and whether it stood in the row, depends on more than
 * the logs.
 *
 * <p>Thread: the resolver's.
 */
final class Moves {
    private @Nullable Version deleted;
    /** The versions of its key by the same transaction, in version order. */
    private List<Version> before = List.of();

    /** Rows with gaps that have to be written again, and where. */
    private final List<Lost> lost = new ArrayList<>();

    private record Lost(int master, Row row) {}

    /** Has to be told of a DELETE before it is entered. */
    void deleting(KeyState state, Version delete) {
        deleted = delete;
        boolean replayed = state.resolution instanceof Resolution.Replay replay && !replay.needsOldRows();
        before = replayed
                ? state.versions.stream()
                        .filter(version -> version.source() == delete.source() && version.lsn() == delete.lsn())
                        .toList()
                : List.of();
    }

    /** The row is known whole on this master only. */
    void lost(int master, Row row) {
        lost.add(new Lost(master, row));
    }

    /** Those since the last call. */
    void takeLost(ObjIntConsumer<Row> todo) {
        lost.forEach(each -> todo.accept(each.row(), each.master()));
        lost.clear();
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
        Row known = Replay.of(before, null, null).known();
        Row row = known == null ? change.requireRow() : known.overlay(change.requireRow());
        return row.isWhole() ? Change.insert(change.requireKey(), row) : change;
    }
}
