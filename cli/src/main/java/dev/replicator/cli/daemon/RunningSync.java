package dev.replicator.cli.daemon;

import dev.replicator.cli.conflict.ConflictChecks;
import dev.replicator.cli.conflict.RefusalRules;
import dev.replicator.cli.conflict.Resolutions;
import dev.replicator.cli.conflict.StoredDefinitions;
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
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TablesStatus;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import dev.replicator.policy.TablePolicies;
import dev.replicator.postgres.DetachMarks;
import dev.replicator.slot.BinaryForm;
import dev.replicator.slot.Preflight;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sync of the configuration in this process, from when it waits for its databases to its end; it runs once, and its
 * successor after a change of the configuration is another. Thread-safe, but for {@link #prepare}, {@link #begin} and
 * {@link #close}, which the daemon calls one after the other.
 */
final class RunningSync implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningSync.class);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofSeconds(60);

    private final SyncSpec spec;
    private final List<DetachMarks.Mark> detached;
    private final Surroundings around;
    private final LatePreparation late = new LatePreparation();
    private final FullCopies fullCopies;
    private final SequenceTimer sequences;
    private volatile @Nullable Replication replication;
    private volatile List<Table> tables = List.of();
    private volatile boolean begun;
    /** Of one that only copies tables whole. */
    private volatile boolean copiesPaused;

    /** {@code configured} without {@code detached}. */
    RunningSync(SyncSpec configured, List<DetachMarks.Mark> detached, Surroundings around) {
        this.spec = Detaching.without(configured, detached);
        this.detached = detached;
        this.around = around;
        this.fullCopies = new FullCopies(spec, around.connectors(), this::isPaused);
        this.sequences = new SequenceTimer(spec, this::isPaused);
    }

    /** Without what is detached. */
    SyncSpec spec() {
        return spec;
    }

    /** Whether another process has been told to do without a database, or with it again. */
    boolean hasNewsOfDetached(SyncSpec configured) {
        return Detaching.isNews(configured, detached);
    }

    /** Whether the same is detached. */
    boolean isWithout(List<DetachMarks.Mark> marks) {
        return detached.equals(marks);
    }

    String name() {
        return spec.name();
    }

    /** Whether it has begun; else it waits until it may. */
    boolean hasBegun() {
        return begun;
    }

    /** What it replicates; nothing before it has begun. */
    List<Table> tables() {
        return tables;
    }

    /** Makes on its databases what it needs there; throws what keeps it from beginning. May be repeated. */
    void prepare(Preflight.Report report) {
        new Preparing(around.connectors(), late).prepare(report, this::kickQuietly);
    }

    /** Begins what changes no log: full copies and sequences; after {@link #begin(Preflight.Report)}, if it replicates. */
    void begin() {
        copiesPaused = !spec.replicates() && around.pauses().isSet(spec);
        sequences.start();
        fullCopies.start();
        late.start();
        begun = true;
    }

    /** Begins to replicate. */
    void begin(Preflight.Report report) {
        List<TableSchema> schemas = report.schemas();
        Connectors connectors = around.connectors();
        ReplicationSettings settings =
                ReplicationSettings.defaults().withSpool(around.spool().directory(), spec.spillBudget());
        TablePolicies configured = new Resolutions(around.handlerFailures().of(name())).of(report, around.plugins());
        boolean binary = !Connectors.readsForeign(spec)
                && BinaryForm.isSafe(report.tables(), report.catalogs().values(), spec.nodeCount())
                && ConflictChecks.readsBinary(report)
                && StoredDefinitions.areConfigured(report, configured);
        Replication starting = new Replication(
                spec,
                report.tables(),
                configured,
                new RefusalRules(report, around.handlerFailures().of(name())),
                new OpenedDatabases(spec, schemas, connectors, settings),
                around.listener(),
                binary ? settings.withBinary() : settings);
        starting.onFailure(around.onFailure());
        starting.onUndecided(this::undecided);
        boolean paused = around.pauses().isSet(spec);
        LOG.info(
                "{}: {} of {}, {}{}",
                name(),
                report.tables().size() == 1 ? "1 table" : report.tables().size() + " tables",
                spec.sources().stream().map(DatabaseSpec::name).collect(Collectors.joining(", ")),
                spec.isMultiMaster() ? "all of them masters" : "one way",
                paused ? ", paused" : "");
        tables = report.tables();
        replication = starting;
        starting.start(paused);
        if (!Connectors.readsForeign(spec)) {
            around.slots().watch(spec);
        }
        begin();
    }

    boolean isPaused() {
        if (!spec.replicates()) {
            return copiesPaused;
        }
        Replication running = replication;
        return running == null || running.status().paused();
    }

    private void kickQuietly() {
        Replication running = replication;
        if (running != null) {
            CompletableFuture<Void> unused = running.kick().exceptionally(ignored -> null);
        }
    }

    /** It has paused by itself; that outlives this process, as a pause by a person does. */
    private void undecided(ReplicatorException conflict) {
        LOG.warn("{}: paused: {}", name(), conflict.formatted().replaceFirst("^ERROR: +", ""));
        try {
            warning(warnings -> around.pauses().set(spec, warnings));
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

    RowExplanation explain(TableName table, Map<String, String> key) {
        Optional<RowExplanation> open = patience()
                .get(running().explain(RowKeys.key(tables, table, key)), Duration.ofSeconds(10), "explain a row");
        return open.orElseGet(
                () -> new RowExplanation(spec.conflicts().rules().of(table).name(), null, List.of(), Map.of()));
    }

    /** Once it has begun. */
    SyncStatus status() {
        Replication running = replication;
        SyncStatus status = running == null
                ? new SyncStatus(name(), isPaused(), null, List.of(), Map.of())
                : around.slots().with(running.status()).with(ofTables());
        return withDetached(status).withFullCopies(fullCopies.status());
    }

    /** A status with what it does without. */
    SyncStatus withDetached(SyncStatus status) {
        return Detaching.shown(status, detached);
    }

    private TablesStatus ofTables() {
        PerTable<ConflictRule> rules = spec.conflicts().rules();
        return new TablesStatus(
                tables.stream()
                        .map(Table::name)
                        .filter(table -> rules.of(table).name().equals("skip"))
                        .map(TableName::toString)
                        .toList(),
                around.handlerFailures().status(name()));
    }

    void pause() {
        warning(warnings -> around.pauses().set(spec, warnings));
        if (spec.replicates()) {
            Replication running = running();
            running.pause();
            patience().get(running.whenQuiet(), QUIET, "pause sync \"" + name() + "\"");
        }
        copiesPaused = true;
        LOG.info("{}: paused", name());
    }

    void resume() {
        warning(warnings -> around.pauses().clear(spec, warnings));
        if (spec.replicates()) {
            running().resume();
        }
        copiesPaused = false;
        LOG.info("{}: resumed", name());
    }

    void kick(Duration limit) {
        if (spec.replicates()) {
            patience().get(running().kick(), limit, "apply everything of sync \"" + name() + "\"");
        }
    }

    void copyWhole(Duration limit) {
        patience().get(fullCopies.kick(), limit, "copy the tables of sync \"" + name() + "\" whole");
    }

    void await(@Nullable Map<String, Long> positions, Duration limit) {
        if (!spec.replicates()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + name() + "\" replicates no changes that could be waited for",
                    "It only copies tables whole.",
                    "\"replicator kick " + name() + "\" copies them, and returns when they are there.");
        }
        Replication running = running();
        List<CompletableFuture<Void>> waits = new ArrayList<>();
        if (positions == null) {
            waits.add(running.waitForNow());
        } else {
            positions.forEach((database, position) -> waits.add(running.waitFor(database, position)));
        }
        patience()
                .get(
                        CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new)),
                        limit,
                        "apply everything of sync \"" + name() + "\"");
    }

    private Patience patience() {
        return new Patience(this::status);
    }

    private Replication running() {
        Replication running = replication;
        if (running == null) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.ADMIN,
                    "could not reach sync \"" + name() + "\": it is not running yet",
                    "The process still waits for a database to answer.",
                    "\"replicator status\" says which, and why.",
                    null);
        }
        return running;
    }

    /** Ends it after what is in flight, within seconds. Never throws. */
    @Override
    public void close() {
        late.close();
        sequences.close();
        fullCopies.close();
        around.slots().forget(name());
        Replication running = replication;
        if (running != null && !running.stop(STOP)) {
            LOG.warn("{}: did not stop in time; what was in flight is done again at the next start", name());
        }
    }
}
