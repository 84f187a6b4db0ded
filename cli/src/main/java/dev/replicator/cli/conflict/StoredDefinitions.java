package dev.replicator.cli.conflict;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.StoredPolicies;
import dev.replicator.policy.TablePolicies;
import dev.replicator.postgres.PolicyRows;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Preflight;
import java.sql.Connection;
import java.sql.SQLException;

/** The policies that the masters have stored. */
public final class StoredDefinitions {
    private StoredDefinitions() {}

    /** Whether no master that was reached has stored others than are configured. */
    public static boolean areConfigured(Preflight.Report report, TablePolicies policies) {
        if (!report.sync().isMultiMaster()) {
            return true;
        }
        return report.sync().sources().stream()
                .filter(source -> report.catalogs().containsKey(source.name()))
                .map(source -> read(source, report.sync().name()))
                .allMatch(stored -> policies.configured().entrySet().stream()
                        .allMatch(entry -> stored.definitions()
                                .getOrDefault(entry.getKey(), entry.getValue())
                                .equals(entry.getValue())));
    }

    private static StoredPolicies read(DatabaseSpec source, String sync) {
        try (Connection connection = Sessions.open(source, "replicator policies")) {
            return ReplicatorSchema.isInstalled(connection) ? PolicyRows.read(connection, sync) : StoredPolicies.NONE;
        } catch (SQLException | ReplicatorException e) {
            // It is away by now.
            return StoredPolicies.NONE;
        }
    }
}
