package dev.replicator.resolve;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import dev.replicator.policy.Resolution;
import org.jspecify.annotations.Nullable;

/**
 * What a change does to its key under the resolution of its table. Immutable, pure.
 *
 * @param reset it states or removes the row whatever was there
 * @param row the row as it stands after the change, whole unless {@code gaps}; null if the change removes it
 * @param carried of an update that is no reset: the columns it sets, and what it adds to counters; else null
 */
record Effect(boolean reset, @Nullable Row row, @Nullable Row carried) {
    private static final Effect REMOVAL = new Effect(true, null, null);

    static Effect of(Change change, Resolution resolution) {
        if (change.kind() == ChangeKind.DELETE || change.kind() == ChangeKind.TRUNCATE) {
            return REMOVAL;
        }
        Row row = change.requireRow();
        if (resolution instanceof Resolution.Replay replay && !replay.needsOldRows()) {
            boolean whole = row.isWhole();
            return new Effect(whole, row, whole ? null : row);
        }
        Row old = change.old();
        if (!row.isWhole() && old != null) {
            row = old.overlay(row);
        }
        if (!row.isWhole()) {
            throw incomplete(change, resolution, "A large value that did not change is not in the log");
        }
        if (change.kind() == ChangeKind.UPDATE && resolution instanceof Resolution.Replay replay) {
            if (old == null) {
                throw incomplete(change, resolution, "The row as it was before an update is not in the log");
            }
            return new Effect(false, row, carried(old, row, replay));
        }
        return new Effect(true, row, null);
    }

    private static Row carried(Row old, Row row, Resolution.Replay replay) {
        Relation relation = row.relation();
        Row.Builder carried = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            if (replay.counters().contains(relation.columns().get(c).name())) {
                count(carried, old, row, c);
            } else if (replay.byColumn() && !relation.isKey(c) && row.sameValue(c, old, c)) {
                carried.absent();
            } else {
                carried.copy(row, c);
            }
        }
        return carried.build();
    }

    private static void count(Row.Builder carried, Row old, Row row, int column) {
        if (!old.isNull(column) && !row.isNull(column)) {
            try {
                carried.difference(old, row, column);
                return;
            } catch (ArithmeticException e) {
                throw uncountable(row, column, "NaN or infinite", e);
            }
        }
        throw uncountable(row, column, "NULL", null);
    }

    private static ReplicatorException uncountable(Row row, int column, String what, @Nullable Exception cause) {
        String name = row.relation().columns().get(column).name();
        String table = row.table().name().quoted();
        return new ReplicatorException(
                ReplicatorException.Kind.FATAL,
                ErrorCode.TABLE,
                "cannot add up column \"" + name + "\" of table " + row.table().name(),
                "An update found or left it " + what + "; there is no difference between that and a number.",
                "Run ALTER TABLE " + table + " ALTER COLUMN " + TableName.quote(name)
                        + " SET NOT NULL; on every master, or take the column out of delta.",
                cause);
    }

    private static ReplicatorException incomplete(Change change, Resolution resolution, String why) {
        String table = change.table().name().quoted();
        return ReplicatorException.fatal(
                ErrorCode.TABLE,
                "cannot resolve conflicts of table " + change.table().name() + " by policy \"" + resolution.name()
                        + "\"",
                why + ".",
                "Run ALTER TABLE " + table
                        + " REPLICA IDENTITY FULL; on every master. For the changes made before that,"
                        + " use policy \"latest\" until they are through.");
    }

    /** The change as an operation for a node that has nothing else to do with its key. */
    Operation operation(Change change) {
        Row set = carried == null ? row : carried;
        if (set == null) {
            return OneSource.operation(change);
        }
        return reset
                ? Operation.upsert(change.requireKey(), set, Operation.UNGUARDED)
                : Operation.update(change.requireKey(), set, Operation.UNGUARDED);
    }
}
