package dev.replicator.slot;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.session.Endpoint;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Inspection.Seen;
import dev.replicator.spi.SourceCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that has to be true of the databases before a sync may run. Every check runs and everything found is
 * reported, whatever else was found; nothing is changed on any server.
 *
 * <p>A database whose session ends while the checks run counts as one that cannot be reached: the others are looked at
 * once more without it.
 *
 * <p>PostgreSQL databases are looked at here, others by their connectors. One session per database, closed at the end, and
 * for a moment one replication session per source. Thread: any.
 */
public final class Preflight {
    private static final int ANSWER_SECONDS = 10;

    /** One small check over one sync. */
    interface Check {
        void run(Inspection inspection, Consumer<Finding> findings);
    }

    private static final List<Check> CHECKS = List.of(
            new ServerChecks(),
            new CapacityChecks(),
            new RoleChecks(),
            new TablePrivilegeChecks(),
            new TableChecks(),
            new MappingChecks(),
            new KeySequenceChecks(),
            new CarriedSequenceChecks(),
            new SlotStateChecks(),
            new ClockChecks(),
            new FillChecks());

    /** Those of tables that are copied whole: no log is read for them. */
    private static final List<Check> COPY_CHECKS =
            List.of(new FullCopyChecks(), new TableChecks(), new MappingChecks());

    private Preflight() {}

    /**
     * What was found for one sync.
     *
     * @param findings errors first, each once
     * @param tables what the sync replicates, as far as the databases that were reached tell
     * @param facts of the databases that were reached, by short name
     * @param catalogs of the databases that were reached, by short name
     */
    public record Report(
            SyncSpec sync,
            List<Finding> findings,
            List<Table> tables,
            Map<String, ServerFacts> facts,
            Map<String, Catalog> catalogs) {
        public Report {
            findings = findings.stream()
                    .distinct()
                    .sorted(Comparator.comparing(Finding::severity))
                    .toList();
            tables = List.copyOf(tables);
            facts = Map.copyOf(facts);
            catalogs = Map.copyOf(catalogs);
        }

        /** The same, with more findings. */
        public Report with(List<Finding> more) {
            List<Finding> all = new ArrayList<>(findings);
            all.addAll(more);
            return new Report(sync, all, tables, facts, catalogs);
        }

        /** The tables with their columns as a source has them; of a table that no source that was reached has, none. */
        public List<TableSchema> schemas() {
            return Inspection.schemas(sync, tables, catalogs);
        }

        public boolean hasErrors() {
            return findings.stream().anyMatch(Finding::isError);
        }

        /** The first thing that keeps the sync from running, other than a database that cannot be reached now. */
        public Optional<ReplicatorException> obstacle() {
            return findings.stream()
                    .filter(finding -> finding.isError() && finding.code() != ErrorCode.CONNECTION)
                    .findFirst()
                    .map(Finding::toException);
        }
    }

    /** Checks one sync of PostgreSQL databases by itself. */
    public static Report run(SyncSpec sync) {
        return run(List.of(sync), Connectors.none()).get(0);
    }

    /**
     * Checks all syncs of a configuration, also against each other; one report for each of their {@link SyncSpec#parts},
     * in their order.
     */
    public static List<Report> run(List<SyncSpec> syncs, Connectors connectors) {
        return runParts(syncs.stream().flatMap(sync -> sync.parts().stream()).toList(), connectors);
    }

    /** Checks the replication, without the tables that are copied whole. */
    public static List<Report> runReplication(List<SyncSpec> syncs, Connectors connectors) {
        return runParts(syncs.stream().filter(SyncSpec::replicates).toList(), connectors);
    }

    /** Checks one of the {@link SyncSpec#parts}. */
    public static Report runPart(SyncSpec part, Connectors connectors) {
        return runParts(List.of(part), connectors).get(0);
    }

    private static List<Report> runParts(List<SyncSpec> syncs, Connectors connectors) {
        Map<String, Seen> seen = new LinkedHashMap<>();
        Map<String, ReplicatorException> failures = new HashMap<>();
        try {
            for (SyncSpec sync : syncs) {
                for (int node = 0; node < sync.nodeCount(); node++) {
                    see(sync.node(node), seen, failures);
                }
            }
            while (true) {
                @Nullable List<Report> reports = inspectReached(syncs, connectors, seen, failures);
                if (reports != null) {
                    return reports;
                }
            }
        } finally {
            seen.values().forEach(database -> Sessions.closeQuietly(database.connection()));
        }
    }

    /** Null: a database was lost meanwhile, and is among the failures now. */
    private static @Nullable List<Report> inspectReached(
            List<SyncSpec> syncs,
            Connectors connectors,
            Map<String, Seen> seen,
            Map<String, ReplicatorException> failures) {
        try {
            List<Report> reports = inspect(syncs, connectors, seen, failures);
            return dropLost(seen, failures) ? null : reports;
        } catch (ReplicatorException e) {
            if (dropLost(seen, failures)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean dropLost(Map<String, Seen> seen, Map<String, ReplicatorException> failures) {
        return seen.values().removeIf(database -> {
            if (answers(database.connection())) {
                return false;
            }
            Sessions.closeQuietly(database.connection());
            String name = database.spec().name();
            failures.put(
                    name,
                    new ReplicatorException(
                            ReplicatorException.Kind.RETRYABLE,
                            ErrorCode.CONNECTION,
                            "could not check database \"" + name + "\" at " + Endpoint.of(database.spec()),
                            "The connection was lost meanwhile.",
                            "Check that the server runs and accepts connections.",
                            null));
            return true;
        });
    }

    private static boolean answers(Connection connection) {
        try {
            return connection.isValid(ANSWER_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    private static void see(DatabaseSpec spec, Map<String, Seen> seen, Map<String, ReplicatorException> failures) {
        if (!spec.kind().equals(Connectors.POSTGRES)
                || seen.containsKey(spec.name())
                || failures.containsKey(spec.name())) {
            return;
        }
        @Nullable Seen database = Inspection.see(spec, failures::put);
        if (database != null) {
            seen.put(spec.name(), database);
        }
    }

    /** The sources that are no PostgreSQL; what is found on them goes to {@code findings}. */
    private static Map<String, Catalog> foreign(
            SyncSpec sync, Connectors connectors, Map<SyncSpec, List<Finding>> findings) {
        Map<String, Catalog> catalogs = new HashMap<>();
        for (DatabaseSpec source : sync.sources()) {
            if (source.kind().equals(Connectors.POSTGRES)) {
                continue;
            }
            List<Finding> found = findings.computeIfAbsent(sync, key -> new ArrayList<>());
            try {
                SourceCatalog catalog = connectors.examineSource(sync, source);
                catalogs.put(source.name(), ForeignCatalog.of(source.name(), catalog));
                catalog.remarks().forEach(remark -> found.add(ConnectorChecks.finding(source.name(), remark)));
            } catch (ReplicatorException e) {
                found.add(Finding.of(source.name(), e));
            }
        }
        return catalogs;
    }

    private static List<Report> inspect(
            List<SyncSpec> syncs,
            Connectors connectors,
            Map<String, Seen> seen,
            Map<String, ReplicatorException> failures) {
        Map<SyncSpec, List<Finding>> ofSources = new HashMap<>();
        List<Inspection> inspections = syncs.stream()
                .map(sync -> new Inspection(sync, seen, foreign(sync, connectors, ofSources)))
                .toList();
        Map<String, List<Finding>> loops = LoopChecks.find(inspections);
        List<Report> reports = new ArrayList<>();
        for (Inspection inspection : inspections) {
            SyncSpec sync = inspection.sync();
            List<Finding> findings = new ArrayList<>(ofSources.getOrDefault(sync, List.of()));
            for (int node = 0; node < sync.nodeCount(); node++) {
                String name = sync.node(node).name();
                @Nullable ReplicatorException failure = failures.get(name);
                if (failure != null) {
                    findings.add(Finding.of(name, failure));
                }
            }
            for (Check check : sync.copiesWhole() ? COPY_CHECKS : CHECKS) {
                check.run(inspection, findings::add);
            }
            if (!sync.copiesWhole()) {
                new ConnectorChecks(connectors).run(inspection, findings::add);
                new WholeRowChecks(connectors).run(inspection, findings::add);
            }
            findings.addAll(loops.getOrDefault(sync.name(), List.of()));
            Map<String, ServerFacts> facts = new HashMap<>();
            inspection.reached().forEach(database -> facts.put(database.spec().name(), database.facts()));
            reports.add(new Report(sync, findings, inspection.tables(), facts, inspection.catalogs()));
        }
        return reports;
    }
}
