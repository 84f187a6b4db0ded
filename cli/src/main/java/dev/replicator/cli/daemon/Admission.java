package dev.replicator.cli.daemon;

import dev.replicator.cli.conflict.ConflictChecks;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be right before a sync runs: asks the databases until at least one of the sync answers, and throws what
 * needs a person. Until then it says in the status who does not answer, and why. {@link #status} may be called by any
 * thread.
 */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final Set<String> told = new HashSet<>();
    private final Map<String, ReplicatorException> obstacles = new ConcurrentHashMap<>();
    private volatile List<Preflight.Report> last = List.of();
    private volatile @Nullable String checksFailed;

    /**
     * Looks once at the databases; the reports of those of {@code waiting} that may begin.
     *
     * @param all every sync of the configuration: some things only add up over all
     * @param refusing whether what needs a person is thrown; else it is told, and stands in the status
     */
    List<Preflight.Report> look(List<SyncSpec> all, List<SyncSpec> waiting, Connectors connectors, boolean refusing) {
        List<Preflight.Report> reports = reports(all, waiting, connectors);
        if (reports.stream().map(AddedColumns::carry).reduce(false, Boolean::logicalOr)) {
            reports = reports(all, waiting, connectors);
        }
        last = reports;
        List<Preflight.Report> ready = new ArrayList<>();
        for (Preflight.Report report : reports) {
            report.findings().forEach(this::tell);
            try {
                obstacles.remove(report.sync().name());
                if (isReady(report)) {
                    ready.add(report);
                }
            } catch (ReplicatorException e) {
                if (refusing) {
                    throw e;
                }
                refused(report.sync(), e);
            }
        }
        return ready;
    }

    /** Something keeps a sync from beginning; that is told, stands in the status, and is looked at again. */
    void refused(SyncSpec sync, ReplicatorException obstacle) {
        obstacles.put(sync.name(), obstacle);
        tell(obstacle.formatted(), true);
    }

    /** Whether enough of its databases answer; throws what needs a person. */
    private static boolean isReady(Preflight.Report report) {
        refuse(report);
        if (report.catalogs().isEmpty() || !isReadable(report)) {
            return false;
        }
        if (report.tables().isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.TABLE,
                    "sync \"" + report.sync().name() + "\" has no table to replicate",
                    null,
                    "\"replicator check\" says why each table is left out.");
        }
        return true;
    }

    /** What a source that is no PostgreSQL has is known from nobody else. */
    private static boolean isReadable(Preflight.Report report) {
        return report.sync().sources().stream()
                .allMatch(source -> source.kind().equals(Connectors.POSTGRES)
                        || report.catalogs().containsKey(source.name()));
    }

    /** None: the checks themselves failed, in a way that another time may be better. */
    private List<Preflight.Report> reports(List<SyncSpec> all, List<SyncSpec> waiting, Connectors connectors) {
        try {
            List<Preflight.Report> reports = Preflight.runReplication(all, connectors).stream()
                    .filter(report -> waiting.stream()
                            .anyMatch(sync -> sync.name().equals(report.sync().name())))
                    .toList();
            checksFailed = null;
            return ConflictChecks.with(reports);
        } catch (ReplicatorException e) {
            if (e.kind() != ReplicatorException.Kind.RETRYABLE) {
                throw e;
            }
            checksFailed = e.primary();
            tell(e.formatted(), true);
            return List.of();
        }
    }

    /** Throws what keeps the sync from running: not what keeps only some of its sources from taking part. */
    static void refuse(Preflight.Report report) {
        List<Finding> errors = report.findings().stream()
                .filter(finding -> finding.isError() && finding.code() != ErrorCode.CONNECTION)
                .toList();
        Set<String> out = new HashSet<>();
        errors.stream()
                .filter(Admission::concernsOneDatabase)
                .forEach(finding -> out.add(String.valueOf(finding.database())));
        // At the very first start everything has to be right; later, what is right goes on.
        boolean anySourceLeft = !out.isEmpty()
                && report.sync().sources().stream()
                        .filter(source -> !out.contains(source.name())
                                && report.catalogs().containsKey(source.name()))
                        .anyMatch(source -> Setup.hasSlot(report.sync(), source));
        errors.stream()
                .filter(finding -> !anySourceLeft || !concernsOneDatabase(finding))
                .findFirst()
                .ifPresent(finding -> {
                    throw finding.toException().within("sync \"" + report.sync().name() + "\"");
                });
    }

    /** What happens to one database while others run, and must not stop them at a restart either. */
    private static boolean concernsOneDatabase(Finding finding) {
        return finding.database() != null && concernsOneDatabase(finding.code());
    }

    static boolean concernsOneDatabase(ErrorCode code) {
        return switch (code) {
            case CONNECTION, AUTHENTICATION, SLOT_BUSY, SLOT_INVALIDATED, SLOT_MISSING, SLOT_AHEAD, PUBLICATION -> true;
            case IDENTITY_CHANGED, NODE_LOST_DATA -> true;
            default -> false;
        };
    }

    private void tell(Finding finding) {
        tell(finding.formatted(), finding.severity() != Finding.Severity.NOTICE);
    }

    /** Logs it, once. */
    private void tell(String text, boolean warns) {
        if (!told.add(text)) {
            return;
        }
        String withoutSeverity = text.replaceFirst("^[A-Z]+: +", "");
        if (warns) {
            LOG.warn("{}", withoutSeverity);
        } else {
            LOG.info("{}", withoutSeverity);
        }
    }

    /** The status of one that has not begun yet. */
    SyncStatus status(SyncSpec sync) {
        List<DatabaseStatus> databases = new ArrayList<>();
        for (int node = 0; node < sync.nodeCount(); node++) {
            databases.add(status(sync, node));
        }
        boolean anyAway = databases.stream().anyMatch(database -> !database.isHealthy());
        return new SyncStatus(
                sync.name(), false, anyAway ? "waits for a database to answer" : doing(sync), databases, Map.of());
    }

    private String doing(SyncSpec sync) {
        ReplicatorException obstacle = obstacles.get(sync.name());
        if (obstacle != null) {
            return "cannot begin: " + obstacle.primary()
                    + (obstacle.detail() == null ? "" : ". " + obstacle.detail())
                    + (obstacle.hint() == null ? "" : " " + obstacle.hint());
        }
        String failed = checksFailed;
        return failed == null ? "checks the databases" : failed;
    }

    private DatabaseStatus status(SyncSpec sync, int node) {
        String database = sync.node(node).name();
        ErrorStatus error = error(sync, database);
        State state = error == null ? State.STARTING : State.AWAY;
        boolean source = node < sync.sourceCount();
        return new DatabaseStatus(
                database,
                source ? new SourceStatus(state, "", 0, 0, 0, 0, 0, 0) : null,
                !source || sync.isMultiMaster() ? new TargetStatus(state, "", 0, 0, 0, 0, 0, 0) : null,
                null,
                null,
                null,
                error);
    }

    private @Nullable ErrorStatus error(SyncSpec sync, String database) {
        return last.stream()
                .filter(report -> report.sync().name().equals(sync.name()))
                .flatMap(report -> report.findings().stream())
                .filter(finding -> finding.isError() && database.equals(finding.database()))
                .findFirst()
                .map(finding -> ErrorStatus.of(finding.toException(), Instant.now(), 1, true))
                .orElse(null);
    }
}
