package dev.replicator.slot;

import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The catalog of a database where tables have other names, with each under the name that the sources know it by. */
final class MappedCatalog {
    private MappedCatalog() {}

    /** {@code names}: of the tables on the sources. A table that stands there under no name of theirs is left out. */
    static Catalog of(SyncSpec sync, int node, Catalog catalog, Set<TableName> names) {
        SortedMap<TableName, CatalogTable> tables = new TreeMap<>(catalog.tables());
        Set<TableName> renamed = new HashSet<>();
        for (TableName name : names) {
            TableName there = sync.mapping(node, name).nameOf(name);
            if (!there.equals(name)) {
                renamed.add(there);
                tables.remove(name);
            }
        }
        if (renamed.isEmpty()) {
            return catalog;
        }
        for (TableName there : renamed) {
            if (!names.contains(there)
                    || !sync.mapping(node, there).nameOf(there).equals(there)) {
                tables.remove(there);
            }
        }
        for (TableName name : names) {
            TableName there = sync.mapping(node, name).nameOf(name);
            catalog.table(there).filter(found -> renamed.contains(there)).ifPresent(found -> tables.put(name, found));
        }
        return new Catalog(catalog.database(), tables);
    }
}
