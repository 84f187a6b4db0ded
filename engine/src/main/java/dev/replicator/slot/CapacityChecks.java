package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.ServerNames;
import dev.replicator.slot.Inspection.Seen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Room for slots, WAL senders and origins, server by server: several databases of a sync may share one. */
final class CapacityChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        Map<Long, List<Seen>> clusters = new LinkedHashMap<>();
        for (Seen database : inspection.reached()) {
            clusters.computeIfAbsent(database.facts().identity().systemIdentifier(), key -> new ArrayList<>())
                    .add(database);
        }
        for (List<Seen> cluster : clusters.values()) {
            check(cluster, inspection, findings);
        }
    }

    private static void check(List<Seen> cluster, Inspection inspection, Consumer<Finding> findings) {
        ServerFacts facts = cluster.get(0).facts();
        List<Seen> sources = cluster.stream().filter(inspection::isSource).toList();
        long newSlots = sources.stream()
                .filter(source -> inspection.slot(source).isEmpty())
                .count();
        long newSenders = sources.stream()
                .filter(source -> inspection.slot(source).filter(Slot::isActive).isEmpty())
                .count();
        long newOrigins = cluster.stream()
                .filter(inspection::isWritten)
                .filter(database -> !facts.origins()
                        .contains(ServerNames.origin(
                                inspection.sync().name(), database.spec().name())))
                .count();
        room(facts, "max_replication_slots", "replication slots", facts.slots(), newSlots, findings);
        room(facts, "max_wal_senders", "WAL senders", facts.senders(), newSenders, findings);
        String limit = facts.major() >= 18 ? "max_active_replication_origins" : "max_replication_slots";
        room(facts, limit, "replication origins", facts.origins().size(), newOrigins, findings);
    }

    private static void room(
            ServerFacts facts, String setting, String what, long used, long needed, Consumer<Finding> findings) {
        long limit = facts.number(setting, Long.MAX_VALUE);
        if (needed > 0 && used + needed > limit) {
            findings.accept(Finding.error(
                            ErrorCode.SERVER_SETTING,
                            facts.database(),
                            "cannot make enough " + what + " on the server of database \"" + facts.database() + "\"",
                            setting + " is " + limit + ", " + used + " are in use, and this sync needs " + needed
                                    + " more.",
                            "Raise " + setting + " and restart the server, or drop what nobody needs.")
                    .withFix("ALTER SYSTEM SET " + setting + " = " + (used + needed + 4)
                            + "; -- then restart the server"));
        }
    }
}
