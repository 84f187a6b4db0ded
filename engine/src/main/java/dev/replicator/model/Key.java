package dev.replicator.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one row across all databases: its table and the canonical bytes of its key columns.
 *
 * <p>Canonical means: equal keys have equal bytes, whichever source, server version or wire format they came from
 * ({@code 1.0} and {@code 1.00} are one numeric). The 64-bit hash covers the table's name and the canonical bytes; it is
 * what marks in the log carry, so it may never change between versions of this program without a new mark format.
 */
public final class Key {
    private final Table table;
    private final byte[] canonical;
    private final long hash;

    public Key(Table table, byte[] canonical, long hash) {
        this.table = table;
        this.canonical = canonical;
        this.hash = hash;
    }

    public Table table() {
        return table;
    }

    public byte[] canonical() {
        return canonical;
    }

    public long hash() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Key key
                && key.hash == hash
                && key.table.id() == table.id()
                && Arrays.equals(key.canonical, canonical);
    }

    @Override
    public int hashCode() {
        return (int) (hash ^ hash >>> 32);
    }

    @Override
    public String toString() {
        return table.name() + "#" + Long.toHexString(hash);
    }
}
