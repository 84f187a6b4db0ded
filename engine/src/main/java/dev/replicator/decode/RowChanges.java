package dev.replicator.decode;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes of row messages.
 *
 * <p>Every row carries its key columns: an unchanged key value that is stored out of line is taken from the old row.
 * Other unchanged out-of-line values stay absent (they are not carried by the change), but for the INSERT half of a
 * change of key, which is completed from the old row where the source sends it whole. Any thread.
 */
final class RowChanges {
    private RowChanges() {}

    static void insert(RelationResolver.Resolved table, Message.Insert insert, Consumer<Change> out) {
        Row row = row(table.relation(), insert.row());
        out.accept(Change.insert(table.keys().keyOf(row), row));
    }

    static void update(RelationResolver.Resolved table, Message.Update update, Consumer<Change> out) {
        Relation relation = table.relation();
        KeyCodec keys = table.keys();
        Row row = row(relation, update.row());
        if (update.old() == null) {
            out.accept(Change.update(keys.keyOf(row), row, null));
            return;
        }
        Row before = row(relation, update.old());
        @Nullable Row old = update.old().kind() == 'O' ? before : null;
        row = completed(row, before, true);
        Key oldKey = keys.keyOf(before);
        Key newKey = keys.keyOf(row);
        if (oldKey.equals(newKey)) {
            out.accept(Change.update(newKey, row, old));
            return;
        }
        out.accept(Change.delete(oldKey, before, old));
        Row whole = old == null ? row : completed(row, old, false);
        out.accept(new Change(ChangeKind.INSERT, newKey.table(), newKey, whole, null, oldKey));
    }

    static void delete(RelationResolver.Resolved table, Message.Delete delete, Consumer<Change> out) {
        Row row = row(table.relation(), delete.old());
        out.accept(Change.delete(table.keys().keyOf(row), row, delete.old().kind() == 'O' ? row : null));
    }

    private static Row row(Relation relation, Message.Tuple tuple) {
        if (tuple.starts().length != relation.size()) {
            throw WireReader.malformed(
                    "a row of " + tuple.starts().length + " columns for a relation of " + relation.size());
        }
        if (tuple.kind() == 'K') {
            forgetOthers(relation, tuple);
        }
        return new Row(relation, tuple.bytes(), tuple.starts());
    }

    /** In a key tuple all other columns read as NULL, which they are not: they are not carried. */
    private static void forgetOthers(Relation relation, Message.Tuple tuple) {
        for (int c = 0; c < tuple.starts().length; c++) {
            int start = tuple.starts()[c];
            if (tuple.bytes()[start] == Row.NULL && !relation.isKey(c)) {
                tuple.bytes()[start] = Row.ABSENT;
            }
        }
    }

    /** The row with absent columns (only those of the key, if so asked) taken from {@code from}. */
    private static Row completed(Row row, Row from, boolean keyOnly) {
        Relation relation = row.relation();
        boolean gaps = false;
        for (int c = 0; c < relation.size(); c++) {
            gaps |= row.isAbsent(c) && (!keyOnly || relation.isKey(c));
        }
        if (!gaps) {
            return row;
        }
        Row.Builder whole = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            boolean take = row.isAbsent(c) && (!keyOnly || relation.isKey(c));
            whole.copy(take ? from : row, c);
        }
        return whole.build();
    }
}
