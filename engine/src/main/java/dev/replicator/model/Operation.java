package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * What one target has to do to one key (or, for TRUNCATE, to one table).
 *
 * @param kind the operation
 * @param table the table
 * @param key the key; null for TRUNCATE only
 * @param row UPSERT: the whole row; UPDATE: the carried columns and the key, the others absent; DELETE: at least the key
 *     columns; null for TRUNCATE only
 * @param guard {@link #UNGUARDED}, or: write only if the row that stands there was last written by us; the value is the
 *     commit LSN of the newest change of that node which this operation knows
 */
public record Operation(
        Kind kind, Table table, @Nullable Key key, @Nullable Row row, long guard) {
    public static final long UNGUARDED = -1;

    public enum Kind {
        UPSERT,
        UPDATE,
        DELETE,
        TRUNCATE
    }

    public static Operation upsert(Key key, Row row, long guard) {
        return new Operation(Kind.UPSERT, key.table(), key, row, guard);
    }

    public static Operation update(Key key, Row row, long guard) {
        return new Operation(Kind.UPDATE, key.table(), key, row, guard);
    }

    public static Operation delete(Key key, Row keyRow, long guard) {
        return new Operation(Kind.DELETE, key.table(), key, keyRow, guard);
    }

    public static Operation truncate(Table table) {
        return new Operation(Kind.TRUNCATE, table, null, null, UNGUARDED);
    }

    public boolean isGuarded() {
        return guard != UNGUARDED;
    }

    public Key requireKey() {
        if (key == null) {
            throw new IllegalStateException("a TRUNCATE has no key");
        }
        return key;
    }

    public Row requireRow() {
        if (row == null) {
            throw new IllegalStateException("a TRUNCATE has no row");
        }
        return row;
    }

    public Operation withGuard(long newGuard) {
        return guard == newGuard ? this : new Operation(kind, table, key, row, newGuard);
    }
}
