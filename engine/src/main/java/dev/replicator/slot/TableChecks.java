package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.Table;
import dev.replicator.slot.CatalogTable.Trigger;
import dev.replicator.slot.Inspection.Seen;
import java.util.List;
import java.util.function.Consumer;

/** Which tables can be replicated, whether they are alike everywhere, and what fires when they are written. */
final class TableChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        TableSelection selection = inspection.selection();
        selection.findings().forEach(findings);
        selection.rejected().forEach(rejected -> findings.accept(rejected.toFinding()));
        if (selection.tables().isEmpty() && !inspection.reached().isEmpty()) {
            findings.accept(Finding.error(
                    ErrorCode.TABLE,
                    null,
                    "sync \"" + inspection.sync().name() + "\" has no table to replicate",
                    selection.rejected().isEmpty()
                            ? "There is no table on "
                                    + String.join(
                                            ", ",
                                            inspection.reached().stream()
                                                    .map(database -> "\""
                                                            + database.spec().name() + "\"")
                                                    .toList())
                                    + "."
                            : "All " + selection.rejected().size() + " tables were refused; see above.",
                    null));
        }
        SchemaComparison.compare(inspection.sync(), selection.tables(), inspection.catalogs())
                .forEach(findings);
        for (Seen database : inspection.written()) {
            for (Table table : selection.tables()) {
                database.catalog()
                        .table(table.name())
                        .ifPresent(found -> triggers(database.spec().name(), found, findings));
            }
        }
    }

    private static void triggers(String database, CatalogTable table, Consumer<Finding> findings) {
        List<String> firing = table.triggers().stream()
                .filter(Trigger::inReplica)
                .map(Trigger::name)
                .toList();
        if (!firing.isEmpty()) {
            findings.accept(Finding.notice(
                    ErrorCode.TABLE,
                    database,
                    "triggers of table " + table.name().quoted() + " fire for replicated changes too",
                    "ENABLE ALWAYS or ENABLE REPLICA: " + String.join(", ", firing)
                            + ". What they write is a new change" + " of this database, and goes to the others.",
                    null));
        }
    }
}
