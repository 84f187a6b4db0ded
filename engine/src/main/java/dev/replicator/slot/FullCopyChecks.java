package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.Inspection.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
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
        String role = TableName.quote(database.facts().role());
        List<String> lacking = new ArrayList<>();
        SortedSet<String> fixes = new TreeSet<>();
        for (Table table : inspection.tables()) {
            database.catalog().table(table.name()).ifPresent(found -> {
                List<String> missing = needed.stream()
                        .filter(privilege -> !found.privileges().contains(privilege))
                        .toList();
                if (!missing.isEmpty()) {
                    lacking.add(found.name().quoted() + " (" + String.join(", ", missing) + ")");
                    fixes.add("GRANT " + String.join(", ", missing) + " ON TABLE "
                            + found.name().quoted() + " TO " + role + ";");
                }
                if (!found.privileges().contains("USAGE")) {
                    lacking.add("schema " + TableName.quote(found.name().schema()) + " (USAGE)");
                    fixes.add("GRANT USAGE ON SCHEMA "
                            + TableName.quote(found.name().schema()) + " TO " + role + ";");
                }
            });
        }
        if (!lacking.isEmpty()) {
            findings.accept(new Finding(
                    Finding.Severity.ERROR,
                    ErrorCode.PRIVILEGE,
                    database.spec().name(),
                    "cannot " + doing + " tables of database \""
                            + database.spec().name() + "\" to copy them whole",
                    "Role " + role + " lacks privileges on "
                            + String.join(", ", lacking.stream().distinct().toList()) + ".",
                    "Run \"replicator check --sql\" for the grants that are missing.",
                    List.copyOf(fixes)));
        }
    }
}
