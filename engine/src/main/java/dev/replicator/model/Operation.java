package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * What one target has to do to one key (or, for TRUNCATE, to one table).
 *
 * @param kind the operation
 * @param table the table
 * @param key the key; null for TRUNCATE only
 * @param row UPSERT: the whole row; UPDATE and MOVE: the carried columns and the key, the others absent; DELETE: at least
 *     the key columns; null for TRUNCATE only
 * @param guard {@link #UNGUARDED}, or: write only if the row that stands there was last written by us; the value is the
 *     commit LSN of the newest change of that node which this operation knows
 * @param from of a MOVE at least the columns of the old key; else null
 */
public record Operation(
        Kind kind,
        Table table,
        @Nullable Key key,
        @Nullable Row row,
        long guard,
        @Nullable Row from) {
    public static final long UNGUARDED = -1;

    public enum Kind {
        UPSERT,
        UPDATE,
        DELETE,
        TRUNCATE,
        /**
         * The row at the old key, if one is there, gets the new key and the carried columns, and keeps the others; it takes
         * the place of what stands at the new key. Only with one source, where the log lacks a large value that a change of
         * key left as it was. Never merged with anything.
         */
        MOVE
    }

    /** One that is no MOVE. */
    public Operation(Kind kind, Table table, @Nullable Key key, @Nullable Row row, long guard) {
        this(kind, table, key, row, guard, null);
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

    /** {@code key} and {@code row}: as they are after it; {@code from}: at least the old key's columns. */
    public static Operation move(Key key, Row row, Row from) {
        return new Operation(Kind.MOVE, key.table(), key, row, UNGUARDED, from);
    }

    public boolean isGuarded() {
        return guard != UNGUARDED;
    }

    /** Whether it adds to a counter. */
    public boolean adds() {
        if (kind == Kind.UPDATE && row != null) {
            for (int c = 0; c < row.relation().size(); c++) {
                if (row.isAdded(c)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * {@code next} after {@code earlier} as one operation: UPDATE over UPSERT is an UPSERT, UPDATE over UPDATE the union of
     * their columns and the sum of their increments, UPDATE over DELETE is void; UPSERT and DELETE replace what came before.
     * An UPSERT or DELETE takes its own guard; an UPDATE keeps one only if everything it is merged with has one.
     */
    public static Operation fold(@Nullable Operation earlier, Operation next) {
        if (earlier == null || next.kind() != Kind.UPDATE) {
            return next;
        }
        long guard = earlier.isGuarded() && next.isGuarded() ? next.guard() : UNGUARDED;
        return switch (earlier.kind()) {
            case DELETE, TRUNCATE -> earlier.withGuard(guard);
            case MOVE -> throw new IllegalArgumentException("a MOVE cannot be merged");
            case UPSERT -> upsert(next.requireKey(), earlier.requireRow().overlay(next.requireRow()), guard);
            case UPDATE -> update(next.requireKey(), earlier.requireRow().overlay(next.requireRow()), guard);
        };
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

    /** The old key of a MOVE. */
    public Row requireFrom() {
        if (from == null) {
            throw new IllegalStateException("only a MOVE comes from another key, no " + kind);
        }
        return from;
    }

    public Operation withGuard(long newGuard) {
        return guard == newGuard ? this : new Operation(kind, table, key, row, newGuard, from);
    }
}
