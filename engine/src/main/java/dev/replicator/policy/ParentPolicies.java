package dev.replicator.policy;

import dev.replicator.model.OnError.Action;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.spi.Refusal;
import java.util.List;

/** What may be done about a row whose parent was deleted on another database. Immutable, pure. */
public final class ParentPolicies {
    private ParentPolicies() {}

    /** {@code action}: one that {@link Action#isOfForeignKeys}. */
    public static ExceptionPolicy of(Action action) {
        return switch (action) {
            case RESTORE_PARENT ->
                refused -> changes(restored(refused.refusal()), "restore_parent", "the parent is inserted again");
            case DELETE_CHILD -> refused -> changes(deleted(refused.refusal()), "delete_child", "the row is deleted");
            case SET_NULL -> refused -> changes(cut(refused.refusal()), "set_null", "the row refers to nothing now");
            case RECORD ->
                refused -> new Remedy.Changes(List.of(), "record", "record: its parent was deleted; it stays as it is");
            default -> throw new IllegalArgumentException(action + " is not about foreign keys");
        };
    }

    private static Remedy changes(Operation change, String policy, String what) {
        return new Remedy.Changes(List.of(change), policy, policy + ": its parent was deleted; " + what);
    }

    private static Operation restored(Refusal refusal) {
        Operation parent = refusal.others().get(0);
        return Operation.upsert(parent.requireKey(), parent.requireRow(), Operation.UNGUARDED);
    }

    private static Operation deleted(Refusal refusal) {
        return Operation.delete(refusal.refused().requireKey(), refusal.row(), Operation.UNGUARDED);
    }

    private static Operation cut(Refusal refusal) {
        Row row = refusal.row();
        Row.Builder cut = new Row.Builder(row.relation());
        for (int c = 0; c < row.relation().size(); c++) {
            if (refusal.columns().contains(row.relation().columns().get(c).name())) {
                cut.nil();
            } else if (row.relation().isKey(c)) {
                cut.copy(row, c);
            } else {
                cut.absent();
            }
        }
        return Operation.upsert(refusal.refused().requireKey(), cut.build(), Operation.UNGUARDED);
    }
}
