package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.Inspection.Seen;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Ways in which a change could come back for ever: one database named twice in a sync, and syncs that feed each other in
 * a circle over the same table. Within one sync its own marks prevent that; between syncs nothing does, except where one
 * in the circle ignores foreign origins.
 *
 * <p>Databases are told apart by system identifier and database oid, those that cannot be reached by their short name.
 */
final class LoopChecks {
    private LoopChecks() {}

    /** Findings by sync name. */
    static Map<String, List<Finding>> find(List<Inspection> inspections) {
        Map<String, List<Finding>> findings = new HashMap<>();
        for (Inspection inspection : inspections) {
            findings.computeIfAbsent(inspection.sync().name(), key -> new ArrayList<>())
                    .addAll(namedTwice(inspection));
        }
        for (Map.Entry<List<Inspection>, List<TableName>> group :
                groups(inspections).entrySet()) {
            circles(group.getKey(), group.getValue(), findings);
        }
        return findings;
    }

    private static List<Finding> namedTwice(Inspection inspection) {
        List<Finding> findings = new ArrayList<>();
        List<Seen> reached = inspection.reached();
        for (int i = 0; i < reached.size(); i++) {
            for (int j = i + 1; j < reached.size(); j++) {
                Seen a = reached.get(i);
                Seen b = reached.get(j);
                if (a.facts().identity().isSameDatabase(b.facts().identity())) {
                    findings.add(Finding.error(
                            ErrorCode.LOOP,
                            b.spec().name(),
                            "databases \"" + a.spec().name() + "\" and \""
                                    + b.spec().name() + "\" of sync \""
                                    + inspection.sync().name() + "\" are the same database",
                            "Both are database \"" + b.facts().identity().name()
                                    + "\" of the cluster with system identifier "
                                    + Long.toUnsignedString(b.facts().identity().systemIdentifier()) + ".",
                            "Correct one url, or remove one of the two."));
                }
            }
        }
        return findings;
    }

    /** Tables by the set of forwarding syncs that replicate them, where there is more than one. */
    private static Map<List<Inspection>, List<TableName>> groups(List<Inspection> inspections) {
        SortedMap<TableName, List<Inspection>> byTable = new TreeMap<>();
        for (Inspection inspection : inspections) {
            if (inspection.sync().foreignOrigins() == ForeignOrigins.FORWARD) {
                for (Table table : inspection.tables()) {
                    byTable.computeIfAbsent(table.name(), key -> new ArrayList<>())
                            .add(inspection);
                }
            }
        }
        Map<List<Inspection>, List<TableName>> groups = new LinkedHashMap<>();
        byTable.forEach((table, syncs) -> {
            if (syncs.size() > 1) {
                groups.computeIfAbsent(syncs, key -> new ArrayList<>()).add(table);
            }
        });
        return groups;
    }

    /** A circle: a sync carries from one database to another, and there is a way back that does without that sync. */
    private static void circles(List<Inspection> syncs, List<TableName> tables, Map<String, List<Finding>> findings) {
        for (Inspection inspection : syncs) {
            Set<String> partners = new TreeSet<>();
            List<Inspection> others =
                    syncs.stream().filter(other -> other != inspection).toList();
            SyncSpec sync = inspection.sync();
            for (int from = 0; from < sync.sourceCount(); from++) {
                for (int to = 0; to < sync.nodeCount(); to++) {
                    if (from != to) {
                        partners.addAll(wayBack(place(inspection, to), place(inspection, from), others));
                    }
                }
            }
            if (!partners.isEmpty()) {
                findings.computeIfAbsent(sync.name(), key -> new ArrayList<>()).add(circle(sync, partners, tables));
            }
        }
    }

    private static Finding circle(SyncSpec sync, Set<String> partners, List<TableName> tables) {
        List<String> named = tables.stream().limit(5).map(TableName::quoted).toList();
        return Finding.error(
                ErrorCode.LOOP,
                null,
                "sync \"" + sync.name() + "\" and "
                        + String.join(
                                ", ",
                                partners.stream().map(p -> "\"" + p + "\"").toList())
                        + " would feed each other in a circle",
                "Changes of " + String.join(", ", named)
                        + (tables.size() > named.size() ? " and " + (tables.size() - named.size()) + " more" : "")
                        + " would come back to where they were made, again and again.",
                "Replicate each table between two databases by one sync only, or set foreign_origins: ignore.");
    }

    /** Names of the syncs on a way from {@code start} to {@code end}; empty when there is none. */
    private static Set<String> wayBack(String start, String end, List<Inspection> syncs) {
        Map<String, Set<String>> reached = new HashMap<>();
        reached.put(start, Set.of());
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            String here = open.remove();
            Set<String> way = reached.getOrDefault(here, Set.of());
            if (here.equals(end) && !way.isEmpty()) {
                return way;
            }
            for (Inspection inspection : syncs) {
                SyncSpec sync = inspection.sync();
                boolean reads = false;
                for (int node = 0; node < sync.sourceCount(); node++) {
                    reads |= place(inspection, node).equals(here);
                }
                for (int node = 0; reads && node < sync.nodeCount(); node++) {
                    String next = place(inspection, node);
                    if (!reached.containsKey(next)) {
                        Set<String> longer = new HashSet<>(way);
                        longer.add(sync.name());
                        reached.put(next, longer);
                        open.add(next);
                    }
                }
            }
        }
        return Set.of();
    }

    private static String place(Inspection inspection, int node) {
        return inspection
                .node(node)
                .map(seen -> seen.facts().identity().systemIdentifier() + "/"
                        + seen.facts().identity().databaseOid())
                .orElse(inspection.sync().node(node).name());
    }
}
