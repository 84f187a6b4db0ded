package dev.replicator.codec;

import java.util.Locale;
import java.util.Map;

/**
 * Types a key column may have, by how their equality becomes equality of bytes.
 *
 * <p>Domains count as their base type, and every enum as {@code enum}: whoever reads the catalog resolves both. Text
 * types are canonical only under a deterministic collation, which is also the catalog's to say. {@link #RAW} is
 * everything else: the bytes as they came, good enough to tell rows of one stream apart, never to compare two masters.
 */
public enum KeyType {
    BOOL,
    /** int2, int4 and int8, in one canonical form. */
    INTEGER,
    OID,
    /** text, varchar, name and the labels of enums. */
    TEXT,
    /** char(n): trailing blanks mean nothing. */
    BPCHAR,
    /** The one-byte type {@code "char"}. */
    CHAR,
    UUID,
    BYTEA,
    NUMERIC,
    FLOAT4,
    FLOAT8,
    DATE,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    RAW;

    private static final Map<String, KeyType> BY_NAME = Map.ofEntries(
            Map.entry("bool", BOOL),
            Map.entry("boolean", BOOL),
            Map.entry("int2", INTEGER),
            Map.entry("smallint", INTEGER),
            Map.entry("int4", INTEGER),
            Map.entry("integer", INTEGER),
            Map.entry("int8", INTEGER),
            Map.entry("bigint", INTEGER),
            Map.entry("oid", OID),
            Map.entry("text", TEXT),
            Map.entry("varchar", TEXT),
            Map.entry("character varying", TEXT),
            Map.entry("name", TEXT),
            Map.entry("enum", TEXT),
            Map.entry("bpchar", BPCHAR),
            Map.entry("character", BPCHAR),
            Map.entry("\"char\"", CHAR),
            Map.entry("uuid", UUID),
            Map.entry("bytea", BYTEA),
            Map.entry("numeric", NUMERIC),
            Map.entry("float4", FLOAT4),
            Map.entry("real", FLOAT4),
            Map.entry("float8", FLOAT8),
            Map.entry("double precision", FLOAT8),
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("time without time zone", TIME),
            Map.entry("timestamp", TIMESTAMP),
            Map.entry("timestamp without time zone", TIMESTAMP),
            Map.entry("timestamptz", TIMESTAMPTZ),
            Map.entry("timestamp with time zone", TIMESTAMPTZ));

    /**
     * The key type of a PostgreSQL type name without modifier, as in the catalog ({@code int4}, {@code "char"}) or as
     * {@code format_type} writes it; {@link #RAW} when it is none of those.
     */
    public static KeyType of(String typeName) {
        String plain = typeName.startsWith("pg_catalog.") ? typeName.substring("pg_catalog.".length()) : typeName;
        return BY_NAME.getOrDefault(plain.toLowerCase(Locale.ROOT), RAW);
    }

    /** Whether equal values have equal bytes, so that rows of several masters can be told to be the same row. */
    public boolean isCanonical() {
        return this != RAW;
    }
}
