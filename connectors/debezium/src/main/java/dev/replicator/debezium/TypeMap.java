package dev.replicator.debezium;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which type of PostgreSQL's a column of MySQL or MariaDB has on its way. connectors/debezium/README.md has the whole list.
 * Any thread. Source: MySQL Reference Manual, "Data Types".
 */
final class TypeMap {
    private static final Map<String, Integer> OIDS = Map.ofEntries(
            Map.entry("bool", 16),
            Map.entry("bytea", 17),
            Map.entry("int8", 20),
            Map.entry("int2", 21),
            Map.entry("int4", 23),
            Map.entry("text", 25),
            Map.entry("float4", 700),
            Map.entry("float8", 701),
            Map.entry("varchar", 1043),
            Map.entry("date", 1082),
            Map.entry("time", 1083),
            Map.entry("timestamp", 1114),
            Map.entry("timestamptz", 1184),
            Map.entry("bit", 1560),
            Map.entry("numeric", 1700),
            Map.entry("jsonb", 3802));
    private static final int VARLENA_HEADER = 4;

    /** A type: its name, and its modifier or -1. */
    record Type(String name, int typmod) {
        int oid() {
            return OIDS.getOrDefault(name, 0);
        }

        String declared() {
            if (typmod < 0) {
                return name;
            }
            int inner = typmod - VARLENA_HEADER;
            return name.equals("numeric")
                    ? "numeric(" + (inner >> 16) + "," + (inner & 0xffff) + ")"
                    : name + "(" + (name.equals("bit") ? typmod : inner) + ")";
        }
    }

    private TypeMap() {}

    /**
     * @param declared the type's name, upper or lower case, with UNSIGNED where it is
     * @param length characters, bits, or digits; null: not known
     * @param scale digits behind the point; null: none
     */
    static Type of(String declared, @Nullable Integer length, @Nullable Integer scale) {
        String words = declared.toUpperCase(Locale.ROOT);
        boolean unsigned = words.contains("UNSIGNED");
        String name = words.replaceAll("\\(.*?\\)", " ").strip().split("\\s+", -1)[0];
        return switch (name) {
            case "TINYINT", "BOOLEAN", "BOOL", "YEAR" -> plain("int2");
            case "SMALLINT" -> plain(unsigned ? "int4" : "int2");
            case "MEDIUMINT" -> plain("int4");
            case "INT", "INTEGER" -> plain(unsigned ? "int8" : "int4");
            case "BIGINT", "SERIAL" -> unsigned ? numeric(20, 0) : plain("int8");
            case "DECIMAL", "NUMERIC", "DEC", "FIXED" ->
                numeric(length == null ? 10 : length, scale == null ? 0 : scale);
            case "FLOAT" -> plain("float4");
            case "DOUBLE", "REAL" -> plain("float8");
            case "BIT" -> length == null || length == 1 ? plain("bool") : new Type("bit", length);
            case "DATE" -> plain("date");
            case "TIME" -> plain("time");
            case "DATETIME" -> plain("timestamp");
            case "TIMESTAMP" -> plain("timestamptz");
            case "JSON" -> plain("jsonb");
            case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB" -> plain("bytea");
            case "GEOMETRY", "POINT", "LINESTRING", "POLYGON" -> plain("bytea");
            case "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "GEOMCOLLECTION" ->
                plain("bytea");
            case "CHAR", "VARCHAR", "NCHAR", "NVARCHAR" ->
                length == null ? plain("text") : new Type("varchar", length + VARLENA_HEADER);
            default -> plain("text");
        };
    }

    private static Type plain(String name) {
        return new Type(name, -1);
    }

    private static Type numeric(int precision, int scale) {
        return new Type("numeric", (precision << 16 | scale) + VARLENA_HEADER);
    }
}
