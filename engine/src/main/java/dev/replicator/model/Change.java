package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * One row changed by one source transaction.
 *
 * <p>A change of key arrives as two changes: the DELETE of the old key, then the INSERT of the new one, whose
 * {@code movedFrom} names the old key.
 *
 * @param kind what happened
 * @param table the table
 * @param key the row's key; null for TRUNCATE only
 * @param row INSERT and UPDATE: the new values (unchanged TOAST columns are absent); DELETE: a row that carries at least
 *     the key columns; null for TRUNCATE only
 * @param old the whole old row where the source has REPLICA IDENTITY FULL, else null
 * @param movedFrom the old key, on the INSERT half of a change of key, else null
 */
public record Change(
        ChangeKind kind,
        Table table,
        @Nullable Key key,
        @Nullable Row row,
        @Nullable Row old,
        @Nullable Key movedFrom) {

    public static Change insert(Key key, Row row) {
        return new Change(ChangeKind.INSERT, key.table(), key, row, null, null);
    }

    public static Change update(Key key, Row row, @Nullable Row old) {
        return new Change(ChangeKind.UPDATE, key.table(), key, row, old, null);
    }

    public static Change delete(Key key, Row keyRow, @Nullable Row old) {
        return new Change(ChangeKind.DELETE, key.table(), key, keyRow, old, null);
    }

    public static Change truncate(Table table) {
        return new Change(ChangeKind.TRUNCATE, table, null, null, null, null);
    }

    /** The key of a change that has one. */
    public Key requireKey() {
        if (key == null) {
            throw new IllegalStateException("a TRUNCATE has no key");
        }
        return key;
    }

    /** The row of a change that has one. */
    public Row requireRow() {
        if (row == null) {
            throw new IllegalStateException("a TRUNCATE has no row");
        }
        return row;
    }

    /** Whether the change states its row completely: every DELETE, TRUNCATE, and an INSERT or UPDATE without gaps. */
    public boolean isWhole() {
        return row == null || kind == ChangeKind.DELETE || row.isWhole();
    }
}
