package dev.replicator.slot;

import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.SyncSpec;
import dev.replicator.slot.Inspection.Seen;
import java.util.List;
import java.util.function.Consumer;

/** What a role needs to read tables here and to empty and fill them there. */
final class FullCopyChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        SyncSpec sync = inspection.sync();
        for (Seen source : inspection.sources()) {
            privileges(source, inspection, List.of("SELECT"), "read", findings);
        }
        boolean truncates = sync.fullCopy() != null && sync.fullCopy().emptying() == Emptying.TRUNCATE;
        for (Seen target : inspection.written()) {
            privileges(
                    target,
                    inspection,
                    List.of("SELECT", "INSERT", truncates ? "TRUNCATE" : "DELETE"),
                    "write",
                    findings);
            RoleChecks.schema(target, false, findings);
            RoleChecks.replicaRole(target, inspection, findings);
        }
    }

    private static void privileges(
            Seen database, Inspection inspection, List<String> needed, String doing, Consumer<Finding> findings) {
        MissingPrivileges.of(database, inspection.tables(), needed)
                .finding(
                        database,
                        "cannot " + doing + " tables of database \""
                                + database.spec().name() + "\" to copy them whole")
                .ifPresent(findings);
    }
}
