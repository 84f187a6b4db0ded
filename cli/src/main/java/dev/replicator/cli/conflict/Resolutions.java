package dev.replicator.cli.conflict;

import dev.replicator.error.ReplicatorException;
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
import dev.replicator.policy.TablePolicies;
import dev.replicator.slot.CatalogTable;
import dev.replicator.slot.Preflight;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Makes of a configured rule what the engine asks. */
public final class Resolutions {
    private final CustomPolicies custom;

    /** {@code failures}: hears of what handlers do wrong. */
    public Resolutions(FailureListener failures) {
        this.custom = new CustomPolicies(failures);
    }

    /**
     * Of every table of a sync that has been checked. {@code plugins}: the folder of classes that were taken from a jar
     * before.
     */
    public TablePolicies of(Preflight.Report report, Path plugins) {
        Map<TableName, String> configured = new HashMap<>();
        Map<TableName, CatalogTable> catalog = new HashMap<>();
        report.tables()
                .forEach(table -> find(report, table.name()).ifPresent(found -> {
                    catalog.put(table.name(), found);
                    configured.put(
                            table.name(),
                            Definitions.of(report.sync().conflicts().rules().of(table.name())));
                }));
        return new TablePolicies(
                configured,
                Definitions::successor,
                (table, definition) -> meaning(definition, Objects.requireNonNull(catalog.get(table)), plugins));
    }

    private Resolution meaning(String definition, CatalogTable table, Path plugins) {
        List<ConflictRule> rules = Definitions.rules(definition, plugins);
        try {
            Resolution resolution = of(rules.get(0), table);
            for (ConflictRule next : rules.subList(1, rules.size())) {
                resolution = whatItLeavesOpen((Resolution.Decided) resolution, of(next, table));
            }
            return resolution;
        } catch (ReplicatorException e) {
            String gone =
                    rules.get(0).name() + " is still in force, as changes under it are open, but cannot be had any"
                            + " more. " + e.detail() + (e.hint() == null ? "" : " " + e.hint());
            return new Resolution.Decided(rules.get(0).name(), frontier -> new Decision.Stop(gone));
        }
    }

    /** Where the first says stop, the second decides. Of what the first decides nothing is decided anew. */
    private static Resolution whatItLeavesOpen(Resolution.Decided first, Resolution second) {
        Policy then = second instanceof Resolution.Decided decided ? decided.policy() : policy(ConflictRule.LATEST);
        return new Resolution.Decided(first.name(), frontier -> {
            Decision decision = first.policy().decide(frontier);
            return decision instanceof Decision.Stop ? then.decide(frontier) : decision;
        });
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

    /** A table as one of the sources that were reached has it; for checks. */
    static Optional<CatalogTable> find(Preflight.Report report, TableName table) {
        return report.sync().sources().stream()
                .flatMap(source -> Optional.ofNullable(report.catalogs().get(source.name())).stream())
                .flatMap(catalog -> catalog.table(table).stream())
                .findFirst();
    }
}
