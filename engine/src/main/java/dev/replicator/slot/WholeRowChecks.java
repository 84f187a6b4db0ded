package dev.replicator.slot;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.Inspection.Seen;
import java.util.function.Consumer;

/** Whether the log tells enough for databases that take whole rows only. */
final class WholeRowChecks implements Preflight.Check {
    private final Connectors connectors;

    WholeRowChecks(Connectors connectors) {
        this.connectors = connectors;
    }

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        SyncSpec sync = inspection.sync();
        for (int node = sync.sourceCount(); node < sync.nodeCount(); node++) {
            if (connectors.takesWholeRowsOnly(sync.node(node))) {
                for (TableSchema schema : inspection.schemas()) {
                    check(inspection, sync.node(node), schema, findings);
                }
            }
        }
    }

    private static void check(
            Inspection inspection, DatabaseSpec target, TableSchema schema, Consumer<Finding> findings) {
        TableName name = schema.table().name();
        String primary = "of table " + name + " to database \"" + target.name() + "\"";
        ConflictRule rule = inspection.sync().conflicts().rules().of(name);
        boolean several = inspection.sync().isMultiMaster();
        if (several
                && rule instanceof ConflictRule.Named named
                && (named.name().equals("columns") || !named.delta().isEmpty())) {
            findings.accept(Finding.error(
                    ErrorCode.CONFIGURATION,
                    target.name(),
                    "cannot write updates " + primary,
                    "Under the policies columns and delta an update carries only what it changed, and the database takes"
                            + " whole rows.",
                    "Use another policy for the table, or give it to targets of other kinds only."));
            return;
        }
        if (several && !rule.name().equals("latest")) {
            // Such policies see whole rows, and have what they need checked.
            return;
        }
        for (Seen source : inspection.sources()) {
            source.catalog()
                    .table(name)
                    .filter(table -> several || table.identity() != ReplicaIdentity.FULL)
                    .filter(table -> MappingChecks.mayLackValues(table, schema))
                    .map(table -> several
                            ? severalMayLack(source.spec().name(), primary)
                            : Finding.error(
                                            ErrorCode.TABLE,
                                            source.spec().name(),
                                            "cannot write rows " + primary,
                                            "An update leaves values of more than about 2 kB out of the log that it does not"
                                                    + " change, and the database takes whole rows.",
                                            "Set REPLICA IDENTITY FULL.")
                                    .withFix("ALTER TABLE " + name.quoted() + " REPLICA IDENTITY FULL;"))
                    .ifPresent(findings);
        }
    }

    /** Nothing would help there: only a warning. */
    private static Finding severalMayLack(String source, String primary) {
        return Finding.warning(
                ErrorCode.TABLE,
                source,
                "rows with large values " + primary + " may stop it",
                "With several sources an update leaves values of more than about 2 kB out that it does not change, even under"
                        + " REPLICA IDENTITY FULL, and the database takes whole rows.",
                "Keep large values out of the table, or use a policy that sees whole rows.");
    }
}
