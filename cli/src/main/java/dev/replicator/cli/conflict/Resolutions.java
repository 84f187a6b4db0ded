package dev.replicator.cli.conflict;

import dev.replicator.handlers.CustomPolicies;
import dev.replicator.handlers.FailureListener;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Custom;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.TableName;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Policies;
import dev.replicator.policy.Policy;
import dev.replicator.policy.Resolution;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogTable;
import dev.replicator.slot.Preflight;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Makes of a configured rule what the engine asks. */
public final class Resolutions {
    private final CustomPolicies custom;

    /** {@code failures}: hears of what handlers do wrong. */
    public Resolutions(FailureListener failures) {
        this.custom = new CustomPolicies(failures);
    }

    /** Of every table of a sync that has been checked. */
    public Function<TableName, Resolution> of(Preflight.Report report) {
        Map<TableName, Resolution> byTable = new HashMap<>();
        report.tables().forEach(table -> {
            ConflictRule rule = report.sync().conflicts().rules().of(table.name());
            report.catalogs().values().stream()
                    .flatMap(catalog -> catalog.table(table.name()).stream())
                    .findFirst()
                    .ifPresent(found -> byTable.put(table.name(), of(rule, found)));
        });
        return table -> byTable.getOrDefault(table, Resolution.LATEST);
    }

    /** Of one table; throws CONFIGURATION when the rule does not fit it. */
    public Resolution of(ConflictRule rule, CatalogTable table) {
        if (rule instanceof Custom code) {
            Policy policy = custom.policy(code.code(), columns(table), policy(code.fallback()));
            return new Resolution.Decided(rule.name(), policy);
        }
        Named named = (Named) rule;
        return switch (named.name()) {
            case "latest" -> new Resolution.Replay(false, named.delta());
            case "columns" -> new Resolution.Replay(true, named.delta());
            case "skip" -> new Resolution.KeepEach();
            default -> new Resolution.Decided(named.name(), policy(named));
        };
    }

    /** A policy that names a winner, or stops. */
    static Policy policy(Named named) {
        return switch (named.name()) {
            case "latest" ->
                frontier -> new Decision.Winner(frontier.members().size() - 1, "latest: it was committed last");
            case "first" -> Policies.first();
            case "priority" -> Policies.priority(named.databases());
            case "source" -> Policies.source(named.databases().get(0));
            case "random" -> Policies.random();
            case "stop" -> Policies.stop();
            default -> throw new IllegalArgumentException(named.name() + " names no winner");
        };
    }

    /** The columns as handlers see them. */
    static TableColumns columns(CatalogTable table) {
        return new TableColumns(
                table.name(),
                table.columns().stream()
                        .filter(column -> !column.generated())
                        .map(column -> new ColumnType(
                                column.name(),
                                column.baseType().replace("\"", ""),
                                column.declared(),
                                column.typmod(),
                                !column.notNull(),
                                table.key()
                                        .filter(key -> key.columns().contains(column.name()))
                                        .isPresent(),
                                column.enumLabels()))
                        .toList());
    }

    /** A column of a table of the sync's databases that were reached; for checks. */
    static java.util.Optional<CatalogTable> find(Map<String, Catalog> catalogs, TableName table) {
        return catalogs.values().stream()
                .flatMap(catalog -> catalog.table(table).stream())
                .findFirst();
    }
}
