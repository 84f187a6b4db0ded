package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.Inspection.Seen;
import dev.replicator.spi.RowExpressions.Expression;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Whether what databases are to be given of a table fits that table, and whether the log tells enough for it. */
final class MappingChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        SyncSpec sync = inspection.sync();
        for (int node = sync.sourceCount(); node < sync.nodeCount(); node++) {
            Map<TableName, TableName> names = new HashMap<>();
            for (TableSchema schema : inspection.schemas()) {
                TableName name = schema.table().name();
                TableMapping mapping = sync.mapping(node, name);
                TableName other = names.putIfAbsent(mapping.nameOf(name), name);
                if (other != null) {
                    findings.accept(Finding.error(
                            ErrorCode.CONFIGURATION,
                            sync.node(node).name(),
                            "cannot write tables " + other + " and " + name + " to one table "
                                    + mapping.nameOf(name) + " of database \""
                                    + sync.node(node).name() + "\"",
                            "Rows of both could have the same key, and a TRUNCATE of one would remove those of the other.",
                            "Give each its own name there: as."));
                }
                if (!mapping.isSame()) {
                    check(inspection, node, schema, mapping, findings);
                }
            }
        }
    }

    private static void check(
            Inspection inspection, int node, TableSchema schema, TableMapping mapping, Consumer<Finding> findings) {
        String database = inspection.sync().node(node).name();
        try {
            List<Expression> readers = NodeMapping.table(schema, mapping).overMoreThanTheKey();
            if (!readers.isEmpty() && !inspection.sync().copiesWhole()) {
                wholeRows(inspection, schema, findings);
            }
        } catch (ReplicatorException e) {
            findings.accept(Finding.of(database, e));
        }
    }

    /** What is looked into has to be in the log whole. */
    private static void wholeRows(Inspection inspection, TableSchema schema, Consumer<Finding> findings) {
        TableName name = schema.table().name();
        ConflictRule rule = inspection.sync().conflicts().rules().of(name);
        if (inspection.sync().isMultiMaster()
                && rule instanceof ConflictRule.Named named
                && (named.name().equals("columns") || !named.delta().isEmpty())) {
            findings.accept(Finding.error(
                    ErrorCode.CONFIGURATION,
                    null,
                    "cannot evaluate \"where\" or computed columns of table " + name
                            + " under the policies columns and delta",
                    "There an update carries only what it changed, and the other columns are not known.",
                    "Use another policy for the table, or no expression over its rows."));
        }
        if (inspection.sync().isMultiMaster() && rule.name().equals("latest") && mayLackValues(inspection, schema)) {
            findings.accept(Finding.error(
                    ErrorCode.CONFIGURATION,
                    null,
                    "cannot evaluate \"where\" or computed columns of table " + name + " under the policy latest",
                    "With several sources an update leaves out large values that it does not change: of those the latest"
                            + " stands, which need not be of the same row.",
                    "Use another policy for the table, or an expression over the key alone."));
            return;
        }
        for (Seen source : inspection.sources()) {
            source.catalog()
                    .table(name)
                    .filter(table -> table.identity() != ReplicaIdentity.FULL)
                    .filter(table -> mayLackValues(table, schema))
                    .ifPresent(table -> findings.accept(Finding.error(
                                    ErrorCode.TABLE,
                                    source.spec().name(),
                                    "cannot evaluate \"where\" or computed columns of table " + name
                                            + " from database \""
                                            + source.spec().name() + "\"",
                                    "An update leaves large values out of the log that it does not change, so rows are not"
                                            + " known whole there.",
                                    "Set REPLICA IDENTITY FULL, or use an expression over the key alone.")
                            .withFix(List.of("ALTER TABLE " + name.quoted() + " REPLICA IDENTITY FULL;"))));
        }
    }

    static boolean mayLackValues(Inspection inspection, TableSchema schema) {
        return inspection.sources().stream()
                .flatMap(source -> source.catalog().table(schema.table().name()).stream())
                .anyMatch(table -> mayLackValues(table, schema));
    }

    /** Whether a value beside the key may be stored out of line. */
    static boolean mayLackValues(CatalogTable table, TableSchema schema) {
        return table.columns().stream()
                .filter(column ->
                        !column.generated() && !schema.table().keyColumns().contains(column.name()))
                .anyMatch(column -> !column.isAlwaysInLog());
    }
}
