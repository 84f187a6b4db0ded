package dev.replicator.slot;

import dev.replicator.model.Table;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sync's values may travel in PostgreSQL's binary form: only if every database is known, and every column has
 * the same type on all of them, one whose binary form is the same on all servers and carries no object identifier. So
 * composites, enums, domains, {@code regclass} and the like make the whole stream use text.
 *
 * <p>Source: PostgreSQL documentation, "CREATE SUBSCRIPTION", binary.
 */
public final class BinaryForm {
    private static final Set<String> SAFE = Set.of(
            "bool",
            "bytea",
            "char",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "bpchar",
            "name",
            "uuid",
            "json",
            "jsonb",
            "date",
            "time",
            "timetz",
            "timestamp",
            "timestamptz",
            "interval",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "bit",
            "varbit",
            "point",
            "box",
            "circle");
    private static final Set<String> SAFE_IN_ARRAYS = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "uuid",
            "date",
            "timestamp",
            "timestamptz",
            "jsonb");

    private BinaryForm() {}

    /** @param catalogs of all databases of the sync that were reached; {@code databases} is how many there are */
    public static boolean isSafe(List<Table> tables, Collection<Catalog> catalogs, int databases) {
        if (catalogs.size() < databases) {
            return false;
        }
        for (Table table : tables) {
            Map<String, String> types = new HashMap<>();
            for (Catalog catalog : catalogs) {
                CatalogTable found = catalog.table(table.name()).orElse(null);
                if (found == null) {
                    return false;
                }
                for (CatalogColumn column : found.columns()) {
                    String type = bare(column.type());
                    String before = types.put(column.name(), type);
                    if (!isSafe(column) || (before != null && !before.equals(type))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Whether a built-in type is safe; by its name as SQL, null for any other. */
    public static boolean isSafeType(@Nullable String name) {
        if (name == null) {
            return false;
        }
        String bare = bare(name);
        return bare.endsWith("[]")
                ? SAFE_IN_ARRAYS.contains(bare.substring(0, bare.length() - 2))
                : SAFE.contains(bare);
    }

    /** The catalog's own names: {@code char} is the one-byte type, an array's begins with an underscore. */
    public static boolean isSafe(CatalogColumn column) {
        String type = bare(column.type());
        return bare(column.baseType()).equals(type)
                && (type.startsWith("_") ? SAFE_IN_ARRAYS.contains(type.substring(1)) : SAFE.contains(type));
    }

    /** Servers quote what is a word of SQL to them, and each version has some more: json is one from 16 on. */
    private static String bare(String type) {
        return type.replace("\"", "");
    }
}
