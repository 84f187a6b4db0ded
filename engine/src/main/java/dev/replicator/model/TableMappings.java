package dev.replicator.model;

import java.util.Map;

/** What each database is given of a table, by the database's short name; those that are not named get it whole. */
public record TableMappings(Map<String, TableMapping> byDatabase) {
    public static final TableMappings SAME = new TableMappings(Map.of());

    public TableMappings {
        byDatabase = Map.copyOf(byDatabase);
    }

    public TableMapping of(String database) {
        return byDatabase.getOrDefault(database, TableMapping.SAME);
    }
}
