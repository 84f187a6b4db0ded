package dev.replicator.slot;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table as one database has it.
 *
 * @param number its attribute number, which keeps the order
 * @param name the catalog name
 * @param typeOid the type's object identifier on this server
 * @param type the type's name for use in SQL ({@code int4}, {@code "varchar"}, {@code public."Mood"}), without a modifier
 * @param baseType what it is beneath domains: {@code int4}, {@code varchar}, {@code "char"}, {@code public."Mood"}, or
 *     {@code enum}
 * @param declared the type as declared, with its modifier ({@code character varying(20)})
 * @param typmod the type modifier, or -1
 * @param notNull whether it refuses null
 * @param hasDefault whether it has a default, or fills itself (identity, generated)
 * @param generated whether it is computed from other columns, and so never written
 * @param identity whether it is GENERATED ALWAYS or BY DEFAULT AS IDENTITY
 * @param deterministic false under a collation in which different texts are equal
 * @param enumLabels the labels of an enum, else empty
 * @param defaultExpression its default as SQL, or null
 * @param missingValue the one value, as text, that rows have which stood there when the column was added; null: there is
 *     none, or it differs from row to row
 */
public record CatalogColumn(
        int number,
        String name,
        int typeOid,
        String type,
        String baseType,
        String declared,
        int typmod,
        boolean notNull,
        boolean hasDefault,
        boolean generated,
        Identity identity,
        boolean deterministic,
        List<String> enumLabels,
        @Nullable String defaultExpression,
        @Nullable String missingValue) {

    /** Values that are never stored out of line, and so always in the log. Everything else may be left out there. */
    private static final Set<String> IN_LINE = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "oid",
            "float4",
            "float8",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "uuid",
            "enum",
            "char",
            "name",
            "money",
            "macaddr",
            "macaddr8",
            "point",
            "lseg",
            "box",
            "line",
            "circle",
            "pg_lsn",
            "xid",
            "xid8",
            "tid");

    public CatalogColumn {
        enumLabels = List.copyOf(enumLabels);
    }

    /** How a column fills itself with numbers. */
    public enum Identity {
        NONE,
        ALWAYS,
        BY_DEFAULT
    }

    /** Whether an update has its value in the log even if it does not change it. */
    public boolean isAlwaysInLog() {
        return IN_LINE.contains(baseType.replace("\"", ""));
    }

    /** Whether a row may be inserted without naming the column. */
    public boolean mayBeLeftOut() {
        return !notNull || hasDefault || generated || identity != Identity.NONE;
    }
}
