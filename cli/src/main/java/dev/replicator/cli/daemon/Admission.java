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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be right before the syncs run: asks the databases until of every sync at least one answers, and throws what
 * needs a person. Until then it says in the status who does not answer, and why. {@link #status} may be called by any
 * thread.
 */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final List<SyncSpec> syncs;
    private final Connectors connectors;
    private final Set<String> told = new HashSet<>();
    private volatile List<Preflight.Report> last = List.of();
    private volatile @Nullable String checksFailed;

    Admission(List<SyncSpec> syncs, Connectors connectors) {
        this.syncs = List.copyOf(syncs);
        this.connectors = connectors;
    }

    /** Waits while no database of a sync can be reached; throws what keeps one from running. */
    List<Preflight.Report> checked() {
        while (true) {
            List<Preflight.Report> reports = reports();
            last = reports;
            boolean changed = false;
            for (Preflight.Report report : reports) {
                changed |= AddedColumns.carry(report);
            }
            if (changed) {
                continue;
            }
            boolean complete = !reports.isEmpty() || syncs.isEmpty();
            for (Preflight.Report report : reports) {
                report.findings().forEach(this::tell);
                refuse(report);
                complete &= !report.catalogs().isEmpty() && isReadable(report);
                if (complete && report.tables().isEmpty()) {
                    throw ReplicatorException.fatal(
                            ErrorCode.TABLE,
                            "sync \"" + report.sync().name() + "\" has no table to replicate",
                            null,
                            "\"replicator check\" says why each table is left out.");
                }
            }
            if (complete) {
                return reports;
            }
            pause();
        }
    }

    /** What a source that is no PostgreSQL has is known from nobody else. */
    private static boolean isReadable(Preflight.Report report) {
        return report.sync().sources().stream()
                .allMatch(source -> source.kind().equals(Connectors.POSTGRES)
                        || report.catalogs().containsKey(source.name()));
    }

    /** None: the checks themselves failed, in a way that another time may be better. */
    private List<Preflight.Report> reports() {
        try {
            List<Preflight.Report> reports = ConflictChecks.with(Preflight.runReplication(syncs, connectors));
            checksFailed = null;
            return reports;
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
    private static void refuse(Preflight.Report report) {
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

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReplicatorException.retryable(ErrorCode.CONNECTION, "could not start: interrupted", null, e);
        }
    }

    /** The status while nothing runs yet. */
    List<SyncStatus> status() {
        List<SyncStatus> all = new ArrayList<>();
        String failed = checksFailed;
        String doing = failed == null ? "checks the databases" : failed;
        for (SyncSpec sync : syncs) {
            List<DatabaseStatus> databases = new ArrayList<>();
            for (int node = 0; node < sync.nodeCount(); node++) {
                databases.add(status(sync, node));
            }
            boolean anyAway = databases.stream().anyMatch(database -> !database.isHealthy());
            all.add(new SyncStatus(
                    sync.name(), false, anyAway ? "waits for a database to answer" : doing, databases, Map.of()));
        }
        return all;
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
