package dev.replicator.observe;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one sync is doing, at one moment. Immutable; the same record feeds the terminal, JSON and metrics.
 *
 * @param sync its name
 * @param paused whether a pause is in force
 * @param waitReason why the sync as a whole waits (standby, another source not read yet), or null
 * @param databases in the order of the sync's nodes: sources, then targets
 * @param conflicts how many were resolved since the process started, by PostgreSQL's type name
 * @param tables what there is to say of single tables
 * @param fullCopies of each database that gets the tables copied whole
 */
public record SyncStatus(
        String sync,
        boolean paused,
        @Nullable String waitReason,
        List<DatabaseStatus> databases,
        Map<String, Long> conflicts,
        TablesStatus tables,
        List<FullCopyStatus> fullCopies) {

    /** Nothing is to be said of single tables. */
    public SyncStatus(
            String sync,
            boolean paused,
            @Nullable String waitReason,
            List<DatabaseStatus> databases,
            Map<String, Long> conflicts) {
        this(sync, paused, waitReason, databases, conflicts, TablesStatus.NONE, List.of());
    }

    public SyncStatus {
        databases = List.copyOf(databases);
        conflicts = Map.copyOf(conflicts);
        fullCopies = List.copyOf(fullCopies);
    }

    /** The same, with what there is to say of single tables. */
    public SyncStatus with(TablesStatus ofTables) {
        return new SyncStatus(sync, paused, waitReason, databases, conflicts, ofTables, fullCopies);
    }

    /** The same, with databases that get the tables copied whole. */
    public SyncStatus withFullCopies(List<FullCopyStatus> copies) {
        return new SyncStatus(sync, paused, waitReason, databases, conflicts, tables, copies);
    }

    /** Whether everything streams: nothing failed, away, or waiting for a person. */
    public boolean isHealthy() {
        return databases.stream().allMatch(DatabaseStatus::isHealthy)
                && fullCopies.stream().allMatch(FullCopyStatus::isHealthy);
    }
}
