package dev.replicator.cli.daemon;

import dev.replicator.cli.admin.SyncChange;
import dev.replicator.cli.admin.SyncChange.Kind;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.cli.config.SyncText;
import dev.replicator.cli.conflict.ConflictChecks;
import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.Preflight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration file says now, beside what runs: which syncs are new, changed or gone, and why. A sync is also
 * changed when its databases have tables now that it would replicate, or no longer have one. Changes nothing. Immutable.
 */
final class Reload {
    private final Configuration before;
    private final Configuration after;
    private final Map<String, RunningSync> running;
    private final List<Preflight.Report> reports;
    private final Map<String, SyncChange> changes = new LinkedHashMap<>();

    private Reload(
            Configuration before,
            Configuration after,
            Map<String, RunningSync> running,
            List<Preflight.Report> reports) {
        this.before = before;
        this.after = after;
        this.running = running;
        this.reports = reports;
        after.syncs().forEach(sync -> changes.put(sync.name(), compared(sync)));
        before.syncs()
                .forEach(sync -> changes.computeIfAbsent(
                        sync.name(), name -> new SyncChange(name, Kind.GONE, leftBehind(sync, databases(sync)))));
    }

    /** Reads the file again, and looks at the databases. Throws CONFIGURATION when something is wrong with the file. */
    static Reload read(Configuration before, Map<String, RunningSync> running) {
        Configuration after = ConfigurationReader.read(before.file(), Environment.ofProcess());
        return new Reload(
                before,
                after,
                running,
                ConflictChecks.with(Preflight.runReplication(
                        after.syncs().stream()
                                .map(sync -> Detaching.without(sync, Detaching.detached(sync)))
                                .toList(),
                        after.connectors())));
    }

    /** Throws what would keep one of the new or changed syncs from running. */
    void check() {
        reports.stream().filter(report -> !keeps(report.sync().name())).forEach(Admission::refuse);
    }

    Configuration configuration() {
        return after;
    }

    boolean changesAnything() {
        return changes.values().stream().anyMatch(change -> change.kind() != Kind.SAME);
    }

    /** Whether a sync runs on untouched. */
    boolean keeps(String sync) {
        SyncChange change = changes.get(sync);
        return change != null && change.kind() == Kind.SAME;
    }

    /** In the order of the new file; then those that are gone. */
    List<SyncChange> changes() {
        return List.copyOf(changes.values());
    }

    private SyncChange compared(SyncSpec sync) {
        SyncText text = before.texts().get(sync.name());
        if (text == null) {
            return new SyncChange(sync.name(), Kind.NEW, List.of());
        }
        List<String> details = new ArrayList<>(
                text.changesTo(Objects.requireNonNull(after.texts().get(sync.name()))));
        details.addAll(ofTables(sync.name()));
        SyncSpec old = before.sync(sync.name());
        Set<String> stay = databases(sync).stream().map(DatabaseSpec::name).collect(Collectors.toSet());
        details.addAll(leftBehind(
                old,
                databases(old).stream()
                        .filter(database -> !stay.contains(database.name()))
                        .toList()));
        return new SyncChange(sync.name(), details.isEmpty() ? Kind.SAME : Kind.CHANGED, details);
    }

    /** What the tables of the databases change by themselves, where all sources answer. */
    private List<String> ofTables(String sync) {
        Preflight.@Nullable Report report = reports.stream()
                .filter(each -> each.sync().name().equals(sync))
                .findFirst()
                .orElse(null);
        RunningSync present = running.get(sync);
        if (report == null
                || present == null
                || present.tables().isEmpty()
                || !report.sync().sources().stream()
                        .allMatch(source -> report.catalogs().containsKey(source.name()))) {
            return List.of();
        }
        Map<TableName, Table> were = byName(present.tables());
        Map<TableName, Table> are = byName(report.tables());
        List<String> details = new ArrayList<>();
        are.forEach((name, table) -> {
            Table was = were.get(name);
            if (was == null) {
                details.add("table " + name + " is new");
            } else if (!was.keyColumns().equals(table.keyColumns())) {
                details.add("table " + name + " has another key");
            }
        });
        were.keySet().stream()
                .filter(name -> !are.containsKey(name))
                .forEach(name -> details.add("table " + name + " is replicated no more"));
        return details;
    }

    private static Map<TableName, Table> byName(List<Table> tables) {
        return tables.stream()
                .collect(Collectors.toMap(Table::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    }

    private static List<DatabaseSpec> databases(SyncSpec sync) {
        return Stream.concat(sync.sources().stream(), sync.targets().stream()).toList();
    }

    /** What databases that leave a sync keep of it: a slot holds their log until it is dropped. */
    private static List<String> leftBehind(SyncSpec sync, List<DatabaseSpec> leaving) {
        Map<String, String> slots = new HashMap<>();
        leaving.stream()
                .filter(database ->
                        sync.sources().contains(database) && database.kind().equals(Connectors.POSTGRES))
                .forEach(database -> slots.put(database.name(), ServerNames.slot(sync.name(), database.name())));
        return slots.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(slot -> "on " + slot.getKey() + " remains slot \"" + slot.getValue()
                        + "\", which holds its log until it is dropped: SELECT pg_drop_replication_slot('"
                        + slot.getValue() + "')")
                .toList();
    }
}
