package dev.replicator.cli.conflict;

import dev.replicator.codec.TypedValue;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Custom;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.CatalogTable;
import dev.replicator.slot.CatalogTable.Kind;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the policies of a sync fit its tables, and what it does about refused changes: code is checked against the columns, and a policy that needs old or whole
 * rows is refused where the log does not tell them, with the statement that would change that.
 */
public final class ConflictChecks {
    /** What adds up exactly. */
    private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8", "numeric");

    private final Preflight.Report report;
    private final List<Finding> findings = new ArrayList<>();
    private final Resolutions resolutions = new Resolutions((handler, table, what) -> {});

    private ConflictChecks(Preflight.Report report) {
        this.report = report;
    }

    /** The reports, with what was found about policies. */
    public static List<Preflight.Report> with(List<Preflight.Report> reports) {
        return reports.stream().map(ConflictChecks::with).toList();
    }

    private static Preflight.Report with(Preflight.Report report) {
        ConflictChecks checks = new ConflictChecks(report);
        checks.findings.addAll(ExceptionChecks.of(report));
        if (report.sync().isMultiMaster()) {
            report.tables().forEach(checks::check);
            checks.movedRows();
        }
        checks.findings.addAll(report.findings());
        return new Preflight.Report(report.sync(), checks.findings, report.tables(), report.facts(), report.catalogs());
    }

    private void check(Table table) {
        SyncSpec sync = report.sync();
        ConflictRule rule = sync.conflicts().rules().of(table.name());
        Optional<CatalogTable> found = Resolutions.find(report, table.name());
        if (found.isEmpty()) {
            return;
        }
        try {
            resolutions.of(rule, found.get());
        } catch (ReplicatorException e) {
            findings.add(Finding.error(e.code(), null, e.primary(), e.detail(), e.hint()));
        }
        if (rule instanceof Named named) {
            named.delta().forEach(column -> delta(found.get(), column));
            if (named.name().equals("skip")) {
                findings.add(Finding.notice(
                        ErrorCode.TABLE,
                        null,
                        "table " + table.name() + " diverges: policy skip keeps each side of a conflict",
                        null,
                        null));
            }
        }
        for (DatabaseSpec source : sync.sources()) {
            Optional.ofNullable(report.catalogs().get(source.name()))
                    .flatMap(catalog -> catalog.table(table.name()))
                    .ifPresent(there -> identity(source.name(), there, rule));
        }
    }

    private void delta(CatalogTable table, String name) {
        Optional<CatalogColumn> column = table.column(name);
        boolean adds =
                column.filter(found -> NUMBERS.contains(found.baseType())).isPresent();
        if (!adds) {
            findings.add(Finding.error(
                    ErrorCode.CONFIGURATION,
                    null,
                    "cannot add up column \"" + name + "\" of table " + table.name(),
                    column.map(found -> "It is " + found.declared() + ", not smallint, integer, bigint or numeric.")
                            .orElse("The table has no such column."),
                    "Its columns: "
                            + String.join(
                                    ", ",
                                    table.columns().stream()
                                            .map(CatalogColumn::name)
                                            .toList())
                            + "."));
        } else if (!column.get().notNull()) {
            String statement =
                    "ALTER TABLE " + table.name().quoted() + " ALTER COLUMN " + TableName.quote(name) + " SET NOT NULL";
            findings.add(Finding.error(
                            ErrorCode.CONFIGURATION,
                            null,
                            "cannot add up column \"" + name + "\" of table " + table.name(),
                            "It may be NULL, and there is no difference between that and a number.",
                            statement + ";")
                    .withFix(statement));
        }
    }

    /** Tables of which the log may not tell what is needed to carry a row to another key. */
    private void movedRows() {
        List<String> tables = new ArrayList<>();
        for (Table table : report.tables()) {
            Optional<CatalogTable> found = Resolutions.find(report, table.name());
            if (found.isPresent()
                    && !isFull(found.get())
                    && !largeColumns(found.get()).isEmpty()) {
                tables.add(table.name().toString());
            }
        }
        if (!tables.isEmpty()) {
            findings.add(Finding.notice(
                    ErrorCode.TABLE,
                    null,
                    "a row that gets another key may reach the other masters late if it has a large value",
                    "A value of more than about 2 kB that an update does not change is not in the log. If such an update"
                            + " changes the key, the row's own database writes the value once more, and until that has"
                            + " arrived the row is missing on the other masters. Tables: " + String.join(", ", tables)
                            + ".",
                    "Where keys change: ALTER TABLE ... REPLICA IDENTITY FULL;"));
        }
    }

    private static boolean isFull(CatalogTable table) {
        return table.kind() == Kind.PARTITIONED
                ? table.leaves().identities().equals(Set.of(ReplicaIdentity.FULL))
                : table.identity() == ReplicaIdentity.FULL;
    }

    private void identity(String database, CatalogTable table, ConflictRule rule) {
        String reason = isFull(table) ? "" : needsFull(table, rule);
        if (!reason.isEmpty()) {
            findings.add(Finding.error(
                            ErrorCode.TABLE,
                            database,
                            "cannot decide conflicts of table " + table.name() + " by " + rule.name(),
                            reason,
                            "ALTER TABLE " + table.name().quoted() + " REPLICA IDENTITY FULL;")
                    .withFix("ALTER TABLE " + table.name().quoted() + " REPLICA IDENTITY FULL"));
        }
    }

    private static String needsFull(CatalogTable table, ConflictRule rule) {
        if (rule instanceof Named named
                && (named.name().equals("columns") || !named.delta().isEmpty())) {
            return "It has to know which columns an update changed, and the log tells old rows only with REPLICA IDENTITY"
                    + " FULL.";
        }
        boolean whole = rule instanceof Custom || !rule.name().equals("latest");
        List<String> large = largeColumns(table);
        return whole && !large.isEmpty()
                ? "It has to see whole rows, and a large value that an update does not change is in the log only with REPLICA"
                        + " IDENTITY FULL. Columns that may be large: " + String.join(", ", large) + "."
                : "";
    }

    /** Columns beside the key whose values may be stored out of line. */
    private static List<String> largeColumns(CatalogTable table) {
        return table.columns().stream()
                .filter(column -> !column.generated() && !column.isAlwaysInLog())
                .map(CatalogColumn::name)
                .filter(name ->
                        table.key().stream().noneMatch(key -> key.columns().contains(name)))
                .toList();
    }

    /** Whether code of the user's can read the values of the sync's tables in their binary form. */
    public static boolean readsBinary(Preflight.Report report) {
        for (Table table : report.tables()) {
            boolean code = report.sync().conflicts().rules().of(table.name()) instanceof Custom;
            Optional<CatalogTable> found = Resolutions.find(report, table.name());
            if (code && found.isPresent()) {
                for (CatalogColumn column : found.get().columns()) {
                    if (!TypedValue.readsBinary(column.baseType().replace("\"", ""))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
