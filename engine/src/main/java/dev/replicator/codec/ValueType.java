package dev.replicator.codec;

import java.util.Locale;
import java.util.Map;

/**
 * PostgreSQL's types as a connector tells them apart, and the Java class of their values ({@link RowReader#value}).
 *
 * <p>The list is the beginning of every type map: a target says for each of these what it stores. Whatever is not named
 * here (money, xml, bit, inet, ranges, geometric and composite types, types of extensions) is {@link #OTHER}, a text in
 * PostgreSQL's own form, exact and reversible.
 */
public enum ValueType {
    /** Boolean. */
    BOOL,
    /** Long. */
    INT2,
    /** Long. */
    INT4,
    /** Long. */
    INT8,
    /** Long, 0 to 4294967295. */
    OID,
    /** Double: the one that reads like it, 0.1 for 0.1. May be NaN or infinite. */
    FLOAT4,
    /** Double. May be NaN or infinite. */
    FLOAT8,
    /** BigDecimal with the scale it was sent with, or {@link SpecialValue}. */
    NUMERIC,
    /** String: text, varchar, name. Never holds a NUL. */
    TEXT,
    /** String of char(n), with its trailing blanks. */
    BPCHAR,
    /** byte[]. */
    BYTEA,
    /** java.util.UUID. */
    UUID,
    /** String: the text of the JSON, as it was written. */
    JSON,
    /** String: the text of the JSON, in PostgreSQL's order of keys. */
    JSONB,
    /** LocalDate, 4713 BC to 5874897, or {@link SpecialValue}. */
    DATE,
    /** LocalTime, or String for 24:00:00. */
    TIME,
    /** String in PostgreSQL's form. */
    TIMETZ,
    /** LocalDateTime, microseconds, 4713 BC to 294276, or {@link SpecialValue}. */
    TIMESTAMP,
    /** Instant, microseconds, or {@link SpecialValue}. */
    TIMESTAMPTZ,
    /** String in PostgreSQL's form. */
    INTERVAL,
    /** String: the label. */
    ENUM,
    /** List of the values of {@link ColumnType#element}, with null for NULL; Lists in it for more dimensions. */
    ARRAY,
    /** String in PostgreSQL's form. */
    OTHER;

    private static final Map<String, ValueType> BY_NAME = Map.ofEntries(
            Map.entry("bool", BOOL),
            Map.entry("int2", INT2),
            Map.entry("int4", INT4),
            Map.entry("int8", INT8),
            Map.entry("oid", OID),
            Map.entry("float4", FLOAT4),
            Map.entry("float8", FLOAT8),
            Map.entry("numeric", NUMERIC),
            Map.entry("text", TEXT),
            Map.entry("varchar", TEXT),
            Map.entry("name", TEXT),
            Map.entry("bpchar", BPCHAR),
            Map.entry("bytea", BYTEA),
            Map.entry("uuid", UUID),
            Map.entry("json", JSON),
            Map.entry("jsonb", JSONB),
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("timetz", TIMETZ),
            Map.entry("timestamp", TIMESTAMP),
            Map.entry("timestamptz", TIMESTAMPTZ),
            Map.entry("interval", INTERVAL),
            Map.entry("enum", ENUM));

    /** Of a type's catalog name, beneath domains: {@code int4}, {@code _int4} or {@code int4[]} for an array. */
    static ValueType of(String name) {
        String plain = plain(name);
        return isArray(plain) ? ARRAY : BY_NAME.getOrDefault(plain, OTHER);
    }

    static boolean isArray(String plain) {
        return plain.startsWith("_") || plain.endsWith("[]");
    }

    /** Without the schema of built-in types and quotes. */
    static String plain(String name) {
        String bare = name.startsWith("pg_catalog.") ? name.substring("pg_catalog.".length()) : name;
        // "char" in quotes is another type than char.
        return bare.equals("\"char\"") ? bare : bare.replace("\"", "").toLowerCase(Locale.ROOT);
    }
}
