package dev.replicator.cli.conflict;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.CatalogTable;
import dev.replicator.slot.CatalogTable.ForeignKey;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether what {@code on_error} says about code and foreign keys can be done with the tables of a sync. */
final class ExceptionChecks {
    private final Preflight.Report report;
    private final List<Finding> findings = new ArrayList<>();

    private ExceptionChecks(Preflight.Report report) {
        this.report = report;
    }

    static List<Finding> of(Preflight.Report report) {
        ExceptionChecks checks = new ExceptionChecks(report);
        RefusalRules rules = new RefusalRules(report, (handler, table, what) -> {});
        report.tables().forEach(table -> checks.check(table, rules));
        return checks.findings;
    }

    private void check(Table table, RefusalRules rules) {
        SyncSpec sync = report.sync();
        OnError rule = sync.onError().of(table.name());
        boolean makesChanges = !rule.handlers().isEmpty()
                || rule.constraints().values().stream().anyMatch(Action::isOfForeignKeys)
                || rule.violations().values().stream().anyMatch(Action::isOfForeignKeys);
        if (makesChanges && !sync.isMultiMaster()) {
            error(
                    "cannot follow on_error of table " + table.name() + " with a single source",
                    "What it wants are changes made on one master; the target of a single source is never one.",
                    "Use quarantine or stop.");
            return;
        }
        rule.handlers().values().forEach(handler -> code(handler, table.name(), rules));
        Optional<CatalogTable> found = Resolutions.find(report, table.name());
        if (makesChanges && found.isPresent()) {
            names(rule, found.get());
            found.get().references().forEach(key -> reference(rule, found.get(), key));
        }
    }

    private void code(OnError.Handler handler, TableName table, RefusalRules rules) {
        try {
            rules.policy(handler, table);
        } catch (ReplicatorException e) {
            findings.add(Finding.error(e.code(), null, e.primary(), e.detail(), e.hint()));
        }
    }

    /** What names a constraint that is not a foreign key of the table. */
    private void names(OnError rule, CatalogTable table) {
        List<String> known =
                table.references().stream().map(ForeignKey::constraint).toList();
        for (Map.Entry<String, Action> entry : rule.constraints().entrySet()) {
            if (entry.getValue().isOfForeignKeys() && !known.contains(entry.getKey())) {
                error(
                        "cannot follow \"" + word(entry.getValue()) + "\" for constraint \"" + entry.getKey()
                                + "\" of table " + table.name(),
                        "The table has no such foreign key; it has "
                                + (known.isEmpty() ? "none" : String.join(", ", known)) + ".",
                        "Correct on_error of the table, or of the sync if it stands there.");
            }
        }
    }

    private void reference(OnError rule, CatalogTable table, ForeignKey key) {
        Action action = rule.action("23503", key.constraint());
        if (!action.isOfForeignKeys() && action != Action.CUSTOM) {
            return;
        }
        String primary = "cannot follow \"" + word(action) + "\" for foreign key \"" + key.constraint() + "\" of table "
                + table.name();
        Optional<Table> parent = report.tables().stream()
                .filter(one -> one.name().equals(key.referenced()))
                .findFirst();
        if (parent.isEmpty() && action != Action.CUSTOM) {
            error(
                    primary,
                    "It refers to table " + key.referenced() + ", which the sync does not replicate.",
                    "Add that table to the sync, or give the constraint another action: stop means that nothing is done.");
            return;
        }
        List<String> never = key.columns().stream()
                .filter(name ->
                        table.column(name).filter(CatalogColumn::notNull).isPresent())
                .toList();
        if (action == Action.SET_NULL && !never.isEmpty()) {
            String statement = "ALTER TABLE " + table.name().quoted() + " ALTER COLUMN " + TableName.quote(never.get(0))
                    + " DROP NOT NULL";
            findings.add(Finding.error(
                    ErrorCode.CONFIGURATION,
                    null,
                    primary,
                    "Column \"" + never.get(0) + "\" is NOT NULL.",
                    "Use delete_child or restore_parent; or " + statement + ";"));
        }
        parent.filter(one -> !one.keyColumns().containsAll(key.referencedColumns()))
                .ifPresent(one -> findings.add(Finding.notice(
                        ErrorCode.TABLE,
                        null,
                        "foreign key \"" + key.constraint() + "\" of table " + table.name()
                                + " is watched for deletions only",
                        "It refers to columns of " + one.name()
                                + " that are not its key: an update of them there is not" + " noticed.",
                        null)));
    }

    private void error(String primary, String detail, String hint) {
        findings.add(Finding.error(ErrorCode.CONFIGURATION, null, primary, detail, hint));
    }

    private static String word(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }
}
