package dev.replicator.slot;

import dev.replicator.model.TableName;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tables of one database at one moment: everything in user schemas that looks like a table, whether it can be
 * replicated or not. System schemas and our own are left out. Immutable.
 *
 * @param database the database's short name
 * @param tables by name
 */
public record Catalog(String database, SortedMap<TableName, CatalogTable> tables) {

    public Catalog {
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    }

    public static Catalog of(String database, Map<TableName, CatalogTable> tables) {
        return new Catalog(database, new TreeMap<>(tables));
    }

    public Optional<CatalogTable> table(TableName name) {
        return Optional.ofNullable(tables.get(name));
    }
}
