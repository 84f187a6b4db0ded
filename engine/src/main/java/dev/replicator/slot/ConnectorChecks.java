package dev.replicator.slot;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.OnError;
import dev.replicator.spi.Remark;
import java.util.function.Consumer;

/** What the connectors say of the databases that are no PostgreSQL. */
final class ConnectorChecks implements Preflight.Check {
    private final Connectors connectors;

    ConnectorChecks(Connectors connectors) {
        this.connectors = connectors;
    }

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (int node = inspection.sync().isMultiMaster()
                        ? 0
                        : inspection.sync().sourceCount();
                node < inspection.sync().nodeCount();
                node++) {
            DatabaseSpec database = inspection.sync().node(node);
            if (database.kind().equals(Connectors.POSTGRES)) {
                continue;
            }
            try {
                connectors
                        .examine(inspection.sync(), node, inspection.schemas())
                        .forEach(remark -> findings.accept(finding(database.name(), remark)));
            } catch (ReplicatorException e) {
                findings.accept(Finding.of(database.name(), e));
            }
            onError(inspection, database, findings);
        }
    }

    /** Putting changes aside, and deleting rows that clash, is what PostgreSQL databases do. */
    private static void onError(Inspection inspection, DatabaseSpec database, Consumer<Finding> findings) {
        boolean others = inspection.tables().stream()
                .map(table -> inspection.sync().onError().of(table.name()))
                .anyMatch(rule -> !rule.equals(OnError.STOP));
        if (others) {
            findings.accept(Finding.notice(
                    ErrorCode.CONFIGURATION,
                    database.name(),
                    "on_error has no effect on database \"" + database.name() + "\"",
                    "A database of kind \"" + database.kind() + "\" that cannot take a change stops, named, until the"
                            + " obstacle is gone.",
                    null));
        }
    }

    static Finding finding(String database, Remark remark) {
        Finding.Severity severity = switch (remark.severity()) {
            case ERROR -> Finding.Severity.ERROR;
            case WARNING -> Finding.Severity.WARNING;
            case NOTICE -> Finding.Severity.NOTICE;
        };
        return new Finding(
                severity, remark.code(), database, remark.primary(), remark.detail(), remark.hint(), remark.fix());
    }
}
