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
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the log tells whole rows of the tables that are written to databases which take no others. */
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
        String primary = "cannot write table " + name + " to database \"" + target.name() + "\"";
        if (inspection.sync().isMultiMaster()) {
            String detail = partial(inspection, schema);
            if (detail != null) {
                findings.accept(Finding.error(
                        ErrorCode.CONFIGURATION,
                        target.name(),
                        primary,
                        detail,
                        "Use another policy for the table, or leave it out there."));
                return;
            }
        }
        for (Seen source : inspection.sources()) {
            source.catalog()
                    .table(name)
                    .filter(table -> table.identity() != ReplicaIdentity.FULL)
                    .filter(table -> MappingChecks.mayLackValues(table, schema))
                    .ifPresent(table -> findings.accept(Finding.error(
                                    ErrorCode.TABLE,
                                    source.spec().name(),
                                    primary,
                                    "It takes rows only whole, and an update leaves large values out of the log of database"
                                            + " \"" + source.spec().name() + "\" that it does not change.",
                                    "Set REPLICA IDENTITY FULL.")
                            .withFix(List.of("ALTER TABLE " + name.quoted() + " REPLICA IDENTITY FULL;"))));
        }
    }

    /** Why updates carry only a part of a row, whatever is in the log; null if they do not. */
    private static @Nullable String partial(Inspection inspection, TableSchema schema) {
        ConflictRule rule =
                inspection.sync().conflicts().rules().of(schema.table().name());
        if (rule instanceof ConflictRule.Named named
                && (named.name().equals("columns") || !named.delta().isEmpty())) {
            return "It takes rows only whole, and under the policies columns and delta an update carries what it changed.";
        }
        return rule.name().equals("latest") && MappingChecks.mayLackValues(inspection, schema)
                ? "It takes rows only whole, and with several sources, under the policy latest, an update leaves out large"
                        + " values that it does not change."
                : null;
    }
}
