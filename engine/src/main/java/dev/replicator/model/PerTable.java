package dev.replicator.model;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A setting of a sync that some tables have otherwise.
 *
 * @param otherwise for tables that no entry names
 * @param entries in the order of the configuration file; of several that match a table the first counts
 */
public record PerTable<T>(T otherwise, List<Entry<T>> entries) {
    public PerTable {
        entries = List.copyOf(entries);
    }

    /** What the tables that match have. */
    public record Entry<T>(Predicate<TableName> matches, T setting) {}

    /** The same for every table. */
    public static <T> PerTable<T> all(T setting) {
        return new PerTable<>(setting, List.of());
    }

    /** The same where tables have other names: {@code sourceNames} has the one that the entries mean, by the other. */
    public PerTable<T> named(Map<TableName, TableName> sourceNames) {
        return new PerTable<>(
                otherwise,
                entries.stream()
                        .map(entry -> new Entry<>(
                                table -> entry.matches().test(sourceNames.getOrDefault(table, table)), entry.setting()))
                        .toList());
    }

    public T of(TableName table) {
        for (Entry<T> entry : entries) {
            if (entry.matches().test(table)) {
                return entry.setting();
            }
        }
        return otherwise;
    }
}
