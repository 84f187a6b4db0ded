package dev.replicator.policy;

import dev.replicator.model.TableName;
import java.util.Collection;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The policies that are configured, and what a definition means.
 *
 * @param configured the definition of every table of the sync: everything that decides its conflicts, as text
 * @param successor what is in force at once where the second definition is configured and the first one was in force: one
 *     that decides whatever the first decides, and in the same way. Usually the first itself; but where that leaves a
 *     conflict open for a person, its place may be taken by the second
 * @param meaning how conflicts of a table are decided by a definition, be it configured or one that was stored. Never
 *     throws: where what it names is gone, it decides nothing ({@link Decision.Stop})
 */
public record TablePolicies(
        Map<TableName, String> configured,
        BinaryOperator<String> successor,
        BiFunction<TableName, String, Resolution> meaning) {
    public TablePolicies {
        configured = Map.copyOf(configured);
    }

    /** The same in every process, so that its name defines it. */
    public static TablePolicies fixed(Collection<TableName> tables, Function<TableName, Resolution> resolutions) {
        return new TablePolicies(
                tables.stream()
                        .collect(Collectors.toMap(
                                table -> table,
                                table -> resolutions.apply(table).name())),
                (before, after) -> before,
                (table, definition) -> resolutions.apply(table));
    }
}
