package dev.replicator.cli.daemon;

import dev.replicator.cli.admin.RunningSyncs;
import dev.replicator.cli.command.StoredPause;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.NearestWord;
import dev.replicator.cli.conflict.ConflictChecks;
import dev.replicator.cli.conflict.HandlerFailures;
import dev.replicator.cli.conflict.RefusalRules;
import dev.replicator.cli.conflict.Resolutions;
import dev.replicator.cli.conflict.StoredDefinitions;
import dev.replicator.cli.status.SlotWatch;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.PerTable;
import dev.replicator.model.RowExplanation;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.observe.Listener;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TablesStatus;
import dev.replicator.pipeline.Rehearsal;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import dev.replicator.policy.TablePolicies;
import dev.replicator.slot.BinaryForm;
import dev.replicator.slot.Preflight;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All syncs of a configuration, running in this process.
 *
 * <p>Starts only when nothing that was found needs a person; databases that cannot be reached at the start are prepared
 * when they come, by {@link LatePreparation}, and keep nobody else from working. Thread-safe.
 */
public final class Daemon implements RunningSyncs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Map<String, SyncSpec> specs = new LinkedHashMap<>();
    private final Map<String, Replication> replications = new ConcurrentSkipListMap<>();
    private final Map<String, List<Table>> tables = new ConcurrentHashMap<>();
    private final HandlerFailures handlerFailures = new HandlerFailures();
    private final SlotWatch slots;
    private final HistoryPruning pruning;
    private final SequenceTimer sequences;
    private final FullCopies fullCopies;
    /** Syncs that only copy, and are to leave that. */
    private final Set<String> pausedCopies = ConcurrentHashMap.newKeySet();

    private final LatePreparation late = new LatePreparation();
    private final Admission admission;
    private final Spool spool;
    private final Connectors connectors;
    private final Path plugins;
    private final StoredPause pauses;
    private final CompletableFuture<ReplicatorException> failure = new CompletableFuture<>();
    private volatile boolean running;

    private Daemon(Configuration configuration, Spool spool) {
        configuration.syncs().forEach(sync -> specs.put(sync.name(), sync));
        List<SyncSpec> replicating =
                configuration.syncs().stream().filter(SyncSpec::replicates).toList();
        List<SyncSpec> ofPostgres = replicating.stream()
                .filter(sync -> !Connectors.readsForeign(sync))
                .toList();
        this.slots = new SlotWatch(ofPostgres);
        this.admission = new Admission(replicating, configuration.connectors());
        this.fullCopies = new FullCopies(configuration.syncs(), configuration.connectors(), this::isPaused);
        this.pruning = new HistoryPruning(ofPostgres);
        this.sequences = new SequenceTimer(configuration.syncs(), this::isPaused);
        this.spool = spool;
        this.connectors = configuration.connectors();
        this.plugins = configuration.plugins();
        this.pauses = StoredPause.of(configuration);
    }

    /** Not running yet: its status says what {@link #start} waits for. */
    public static Daemon of(Configuration configuration) {
        return new Daemon(configuration, Spool.make());
    }

    /** As {@link #of} and {@link #start(Listener)}. */
    public static Daemon start(Configuration configuration, Listener listener) {
        Daemon daemon = of(configuration);
        daemon.start(listener);
        return daemon;
    }

    /**
     * Checks, prepares and starts every sync; throws what keeps one from running. While no database of a sync can be
     * reached it waits.
     */
    public void start(Listener listener) {
        try {
            Rehearsal rehearsal = Rehearsal.begin(specs.values(), connectors);
            List<Preflight.Report> reports = admission.checked();
            for (Preflight.Report report : reports) {
                new Preparing(connectors, late)
                        .prepare(report, () -> kickQuietly(report.sync().name()));
            }
            rehearsal.await();
            for (Preflight.Report report : reports) {
                start(report, listener);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        specs.values().stream()
                .filter(sync -> !sync.replicates() && pauses.isSet(sync))
                .forEach(sync -> pausedCopies.add(sync.name()));
        slots.start();
        pruning.start();
        sequences.start();
        fullCopies.start();
        late.start();
        running = true;
    }

    private boolean isPaused(String sync) {
        if (!spec(sync).replicates()) {
            return pausedCopies.contains(sync);
        }
        Replication replication = replications.get(sync);
        return replication == null || replication.status().paused();
    }

    private void kickQuietly(String sync) {
        Replication replication = replications.get(sync);
        if (replication != null) {
            CompletableFuture<Void> unused = replication.kick().exceptionally(ignored -> null);
        }
    }

    private void start(Preflight.Report report, Listener listener) {
        SyncSpec sync = report.sync();
        List<TableSchema> schemas = report.schemas();
        ReplicationSettings settings = ReplicationSettings.defaults().withSpool(spool.directory(), sync.spillBudget());
        TablePolicies policies = new Resolutions(handlerFailures.of(sync.name())).of(report, plugins);
        boolean binary = !Connectors.readsForeign(sync)
                && BinaryForm.isSafe(report.tables(), report.catalogs().values(), sync.nodeCount())
                && ConflictChecks.readsBinary(report)
                && StoredDefinitions.areConfigured(report, policies);
        Replication replication = new Replication(
                sync,
                report.tables(),
                policies,
                new RefusalRules(report, handlerFailures.of(sync.name())),
                new OpenedDatabases(sync, schemas, connectors, settings),
                listener,
                binary ? settings.withBinary() : settings);
        replication.onFailure(failure::complete);
        replication.onUndecided(conflict -> undecided(sync, conflict));
        replications.put(sync.name(), replication);
        tables.put(sync.name(), report.tables());
        boolean paused = pauses.isSet(sync);
        LOG.info(
                "{}: {} of {}, {}{}",
                sync.name(),
                report.tables().size() == 1 ? "1 table" : report.tables().size() + " tables",
                sync.sources().stream().map(DatabaseSpec::name).collect(Collectors.joining(", ")),
                sync.isMultiMaster() ? "all of them masters" : "one way",
                paused ? ", paused" : "");
        replication.start(paused);
    }

    /** The sync has paused by itself; that outlives this process, as a pause by a person does. */
    private void undecided(SyncSpec sync, ReplicatorException conflict) {
        LOG.warn("{}: paused: {}", sync.name(), conflict.formatted().replaceFirst("^ERROR: +", ""));
        try {
            warning(warnings -> pauses.set(sync, warnings));
        } catch (ReplicatorException e) {
            LOG.warn("{}", e.formatted().replaceFirst("^ERROR: +", ""));
        }
    }

    /** Does what may warn; warnings go to the log. */
    private static void warning(Consumer<PrintWriter> what) {
        StringWriter warnings = new StringWriter();
        what.accept(new PrintWriter(warnings));
        if (!warnings.toString().isEmpty()) {
            LOG.warn("{}", warnings.toString().strip());
        }
    }

    /** Completes when a sync stopped by itself: a broken invariant. */
    public CompletableFuture<ReplicatorException> failure() {
        return failure;
    }

    @Override
    public RowExplanation explain(String sync, TableName table, Map<String, String> key) {
        Replication replication = replication(sync);
        Optional<RowExplanation> open = patience(sync)
                .get(
                        replication.explain(RowKeys.key(tables.getOrDefault(sync, List.of()), table, key)),
                        Duration.ofSeconds(10),
                        "explain a row");
        return open.orElseGet(() ->
                new RowExplanation(spec(sync).conflicts().rules().of(table).name(), null, List.of(), Map.of()));
    }

    /** What conflict handlers did wrong since the start. */
    public List<HandlerFailures.Count> handlerFailures() {
        return handlerFailures.counts();
    }

    @Override
    public List<SyncStatus> status() {
        if (!running) {
            return admission.status();
        }
        return specs.keySet().stream().map(this::status).toList();
    }

    private SyncStatus status(String sync) {
        SyncStatus status = spec(sync).replicates()
                ? slots.with(replication(sync).status()).with(ofTables(sync))
                : new SyncStatus(sync, isPaused(sync), null, List.of(), Map.of());
        return status.withFullCopies(fullCopies.status(sync));
    }

    private TablesStatus ofTables(String sync) {
        PerTable<ConflictRule> rules = spec(sync).conflicts().rules();
        return new TablesStatus(
                tables.getOrDefault(sync, List.of()).stream()
                        .map(Table::name)
                        .filter(table -> rules.of(table).name().equals("skip"))
                        .map(TableName::toString)
                        .toList(),
                handlerFailures.status(sync));
    }

    @Override
    public void pause(String sync) {
        SyncSpec paused = spec(sync);
        warning(warnings -> pauses.set(paused, warnings));
        if (!paused.replicates()) {
            pausedCopies.add(sync);
            LOG.info("{}: paused", sync);
            return;
        }
        Replication replication = replication(sync);
        replication.pause();
        patience(sync).get(replication.whenQuiet(), Duration.ofSeconds(60), "pause sync \"" + sync + "\"");
        LOG.info("{}: paused", sync);
    }

    @Override
    public void resume(String sync) {
        SyncSpec paused = spec(sync);
        warning(warnings -> pauses.clear(paused, warnings));
        if (paused.replicates()) {
            replication(sync).resume();
        }
        pausedCopies.remove(sync);
        LOG.info("{}: resumed", sync);
    }

    @Override
    public void kick(String sync, Duration limit) {
        if (spec(sync).replicates()) {
            patience(sync).get(replication(sync).kick(), limit, "apply everything of sync \"" + sync + "\"");
        }
    }

    @Override
    public void copyWhole(String sync, Duration limit) {
        spec(sync);
        patience(sync).get(fullCopies.kick(sync), limit, "copy the tables of sync \"" + sync + "\" whole");
    }

    @Override
    public void await(String sync, @Nullable Map<String, Long> positions, Duration limit) {
        if (!spec(sync).replicates()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync + "\" replicates no changes that could be waited for",
                    "It only copies tables whole.",
                    "\"replicator kick " + sync + "\" copies them, and returns when they are there.");
        }
        Replication replication = replication(sync);
        List<CompletableFuture<Void>> waits = new ArrayList<>();
        if (positions == null) {
            waits.add(replication.waitForNow());
        } else {
            positions.forEach((database, position) -> waits.add(replication.waitFor(database, position)));
        }
        patience(sync)
                .get(
                        CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new)),
                        limit,
                        "apply everything of sync \"" + sync + "\"");
    }

    private Patience patience(String sync) {
        return new Patience(() -> status(sync));
    }

    private SyncSpec spec(String sync) {
        SyncSpec spec = specs.get(sync);
        if (spec == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "there is no sync \"" + sync + "\" in the running process" + NearestWord.hint(sync, specs.keySet()),
                    "It runs " + String.join(", ", specs.keySet()) + ".",
                    "Restart it when the configuration has changed.");
        }
        return spec;
    }

    private Replication replication(String sync) {
        spec(sync);
        Replication replication = replications.get(sync);
        if (replication == null) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.ADMIN,
                    "could not reach sync \"" + sync + "\": it is not running yet",
                    "The process still waits for a database to answer.",
                    "\"replicator status\" says which, and why.",
                    null);
        }
        return replication;
    }

    /** Ends every sync after what is in flight, within seconds. Never throws. */
    @Override
    public void close() {
        late.close();
        slots.close();
        pruning.close();
        sequences.close();
        fullCopies.close();
        List<Thread> stops = new ArrayList<>();
        replications.forEach((name, replication) -> stops.add(stopping(name, replication::stop)));
        for (Thread stop : stops) {
            try {
                stop.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        spool.close();
    }

    private static Thread stopping(String name, Predicate<Duration> stop) {
        Thread thread = new Thread(
                () -> {
                    if (!stop.test(Duration.ofSeconds(5))) {
                        LOG.warn("{}: did not stop in time; what was in flight is done again at the next start", name);
                    }
                },
                "stop-" + name);
        thread.start();
        return thread;
    }
}
