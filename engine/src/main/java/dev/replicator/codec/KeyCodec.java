package dev.replicator.codec;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes the {@link Key} of a table's rows: canonical bytes and their 64-bit hash.
 *
 * <p>Guarantees: equal keys have equal bytes and hashes, whether they came as text or as binary, from whichever server
 * version; the form and the hash are frozen (marks carry the hash). One key column: its canonical value. Several: each
 * one's length in 4 bytes, then its value. The hash is XXH64 of these bytes, seeded with XXH64 of {@code schema.name}.
 * Text is parsed as sessions print it with DateStyle ISO, TimeZone UTC, bytea_output hex and client_encoding UTF8. Any
 * thread. Source: PostgreSQL's {@code *send} and {@code *out} functions of each type.
 */
public final class KeyCodec {
    private final Table table;
    private final KeyType[] types;
    private final long seed;

    public KeyCodec(Table table) {
        this.table = table;
        this.types = table.keyTypes().stream().map(KeyType::of).toArray(KeyType[]::new);
        byte[] name = table.name().toString().getBytes(StandardCharsets.UTF_8);
        this.seed = XxHash64.hash(name, 0, name.length, 0);
    }

    /** Whether keys of this type can be compared between masters. */
    public static boolean isCanonical(String typeName) {
        return KeyType.of(typeName).isCanonical();
    }

    /** Whether every key column can be compared between masters. */
    public boolean isCanonical() {
        return Arrays.stream(types).allMatch(KeyType::isCanonical);
    }

    /** The key of a row that carries at least the key columns; a missing or null one is a fatal error. */
    public Key keyOf(Row row) {
        Relation relation = row.relation();
        byte[] canonical;
        if (types.length == 1) {
            canonical = valueOf(row, 0, relation);
        } else {
            byte[][] values = new byte[types.length][];
            int length = 0;
            for (int i = 0; i < values.length; i++) {
                values[i] = valueOf(row, i, relation);
                length += 4 + values[i].length;
            }
            canonical = join(values, length);
        }
        return keyOf(canonical);
    }

    /** The key with these canonical bytes. */
    public Key keyOf(byte[] canonical) {
        return new Key(table, canonical, XxHash64.hash(canonical, 0, canonical.length, seed));
    }

    private byte[] valueOf(Row row, int i, Relation relation) {
        int column = relation.keyColumn(i);
        byte kind = row.kind(column);
        if (kind != Row.TEXT && kind != Row.BINARY) {
            throw missing(relation, column, kind);
        }
        try {
            return CanonicalValue.of(types[i], kind == Row.BINARY, row.bytes(), row.start(column), row.length(column));
        } catch (RuntimeException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.PROTOCOL,
                    "cannot read key column \"" + name(relation, column) + "\" of table " + table.name(),
                    "The value has no form of type " + table.keyTypes().get(i) + " that this version knows.",
                    null,
                    e instanceof ReplicatorException ? e : null);
        }
    }

    private ReplicatorException missing(Relation relation, int column, byte kind) {
        return ReplicatorException.fatal(
                ErrorCode.TABLE,
                "cannot identify a row of table " + table.name(),
                "Key column \"" + name(relation, column) + "\" is " + (kind == Row.NULL ? "null." : "not sent."),
                "Give the table a primary key, or a replica identity of columns that are NOT NULL.");
    }

    private static String name(Relation relation, int column) {
        return relation.columns().get(column).name();
    }

    private static byte[] join(byte[][] values, int length) {
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] value : values) {
            joined[at++] = (byte) (value.length >>> 24);
            joined[at++] = (byte) (value.length >>> 16);
            joined[at++] = (byte) (value.length >>> 8);
            joined[at++] = (byte) value.length;
            System.arraycopy(value, 0, joined, at, value.length);
            at += value.length;
        }
        return joined;
    }
}
