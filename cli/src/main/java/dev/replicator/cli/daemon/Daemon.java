package dev.replicator.cli.daemon;

import dev.replicator.cli.admin.RunningSyncs;
import dev.replicator.cli.admin.SyncChange;
import dev.replicator.cli.command.StoredPause;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.NearestWord;
import dev.replicator.cli.conflict.HandlerFailures;
import dev.replicator.cli.status.SlotWatch;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.RowExplanation;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener;
import dev.replicator.observe.SyncStatus;
import dev.replicator.pipeline.Rehearsal;
import dev.replicator.postgres.DetachMarks;
import dev.replicator.slot.Preflight;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All syncs of a configuration, running in this process, each by itself: one whose databases do not answer waits for them
 * and keeps no other from working.
 *
 * <p>At its start everything that needs a person is refused, of whichever sync. Later such a thing keeps only its own sync
 * from running, and stands in its status. Thread-safe; {@link #reload} changes what runs.
 */
public final class Daemon implements RunningSyncs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration FOLLOW = Duration.ofSeconds(30);

    private final HandlerFailures handlerFailures = new HandlerFailures();
    private final SlotWatch slots = new SlotWatch();
    private final Spool spool = Spool.make();
    private final Admission admission = new Admission();
    private final CompletableFuture<ReplicatorException> failure = new CompletableFuture<>();
    private final HistoryPruning pruning =
            new HistoryPruning(() -> running().stream().map(RunningSync::spec).toList());
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread created = new Thread(runnable, "admission");
        created.setDaemon(true);
        return created;
    });

    private volatile Configuration configuration;
    private volatile Surroundings surroundings;
    /** By name, in the order of the configuration; replaced as a whole. */
    private volatile Map<String, RunningSync> syncs;

    /** Syncs that a person has taken off their databases; they do not begin again in this process as they are. */
    private final Set<String> released = ConcurrentHashMap.newKeySet();

    private boolean closed;

    private Daemon(Configuration configuration, Listener listener) {
        this.configuration = configuration;
        this.surroundings = new Surroundings(
                configuration.connectors(),
                configuration.plugins(),
                StoredPause.of(configuration),
                spool,
                handlerFailures,
                slots,
                listener,
                failure::complete);
        Map<String, RunningSync> all = new LinkedHashMap<>();
        configuration.syncs().forEach(sync -> all.put(sync.name(), new RunningSync(sync, List.of(), surroundings)));
        this.syncs = all;
    }

    /** Not running yet: its status says what {@link #start} waits for. */
    public static Daemon of(Configuration configuration, Listener listener) {
        return new Daemon(configuration, listener);
    }

    /** As {@link #of} and {@link #start()}. */
    public static Daemon start(Configuration configuration, Listener listener) {
        Daemon daemon = of(configuration, listener);
        daemon.start();
        return daemon;
    }

    /**
     * Checks, prepares and starts every sync, each as soon as one of its databases can be reached, and returns when all have
     * been started; throws what keeps one from running.
     */
    public void start() {
        try {
            Rehearsal rehearsal = Rehearsal.begin(configuration.syncs(), configuration.connectors());
            beginWhatCan(rehearsal::await, true);
            slots.start();
            pruning.start();
            while (anyWaits()) {
                pause();
                beginWhatCan(() -> {}, running().isEmpty());
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        ScheduledFuture<?> unused = looking.scheduleWithFixedDelay(
                this::lookAgain, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        ScheduledFuture<?> unusedFollowing = looking.scheduleWithFixedDelay(
                this::followWhatIsDetached, FOLLOW.toMillis(), FOLLOW.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Until the next look; throws what meanwhile has ended one that runs. */
    private void pause() {
        try {
            throw failure.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Time to look.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReplicatorException.retryable(ErrorCode.CONNECTION, "could not start: interrupted", null, e);
        }
    }

    private void lookAgain() {
        try {
            if (anyWaits()) {
                beginWhatCan(() -> {}, false);
            }
        } catch (RuntimeException e) {
            LOG.error("could not look whether syncs may begin", e);
        }
    }

    /** Another process may have been told so: one that leads, while this one stood by. */
    private void followWhatIsDetached() {
        for (RunningSync sync : running()) {
            try {
                SyncSpec configured = configuration.sync(sync.name());
                if (configured.replicates() && sync.hasNewsOfDetached(configured)) {
                    LOG.info("{}: begins again, as other databases are detached now", sync.name());
                    restart(sync.name());
                }
            } catch (RuntimeException e) {
                LOG.error("could not look which databases of {} are detached", sync.name(), e);
            }
        }
    }

    private boolean anyWaits() {
        return syncs.values().stream().anyMatch(this::waits);
    }

    private boolean waits(RunningSync sync) {
        return !sync.hasBegun() && !released.contains(sync.name());
    }

    private Collection<RunningSync> running() {
        return syncs.values().stream().filter(RunningSync::hasBegun).toList();
    }

    /**
     * Looks at the databases once, and begins the syncs that wait and may begin; what only copies tables whole, in any case.
     *
     * @param ready waits for what has to be ready before the first begins
     * @param refusing whether what needs a person is thrown; else it stands in the status
     */
    private synchronized void beginWhatCan(Runnable ready, boolean refusing) {
        if (closed) {
            return;
        }
        takeWhatIsDetached();
        List<SyncSpec> waiting = syncs.values().stream()
                .filter(this::waits)
                .map(RunningSync::spec)
                .filter(SyncSpec::replicates)
                .toList();
        if (!waiting.isEmpty()) {
            List<SyncSpec> all = syncs.values().stream().map(RunningSync::spec).toList();
            List<Preflight.Report> admitted = new ArrayList<>();
            for (Preflight.Report report : admission.look(all, waiting, configuration.connectors(), refusing)) {
                if (isPrepared(report, refusing)) {
                    admitted.add(report);
                }
            }
            ready.run();
            admitted.forEach(report -> sync(report.sync().name()).begin(report));
        }
        syncs.values().stream()
                .filter(sync -> waits(sync) && !sync.spec().replicates())
                .forEach(RunningSync::begin);
    }

    /** Of the syncs that wait; what only one database knows that was away counts when it is back. */
    private void takeWhatIsDetached() {
        Map<String, RunningSync> next = new LinkedHashMap<>(syncs);
        for (SyncSpec sync : configuration.syncs()) {
            RunningSync present = sync(sync.name());
            if (waits(present) && sync.replicates()) {
                List<DetachMarks.Mark> marks = Detaching.detached(sync);
                if (!present.isWithout(marks)) {
                    present.close();
                    next.put(sync.name(), new RunningSync(sync, marks, surroundings));
                }
            }
        }
        syncs = next;
    }

    private boolean isPrepared(Preflight.Report report, boolean refusing) {
        try {
            sync(report.sync().name()).prepare(report);
            return true;
        } catch (ReplicatorException e) {
            if (refusing) {
                throw e;
            }
            admission.refused(report.sync(), e);
            return false;
        }
    }

    /** Completes when a sync stopped by itself: a broken invariant. */
    public CompletableFuture<ReplicatorException> failure() {
        return failure;
    }

    /** What conflict handlers did wrong since the start. */
    public List<HandlerFailures.Count> handlerFailures() {
        return handlerFailures.counts();
    }

    @Override
    public List<SyncStatus> status() {
        return syncs.values().stream().map(this::status).toList();
    }

    private SyncStatus status(RunningSync sync) {
        if (released.contains(sync.name())) {
            return new SyncStatus(
                    sync.name(),
                    false,
                    "taken off its databases by \"replicator remove\"; take it out of the file, too",
                    List.of(),
                    Map.of());
        }
        return sync.hasBegun() ? sync.status() : sync.withDetached(admission.status(sync.spec()));
    }

    /**
     * Of the syncs that are to change, the old ones end after what is in flight, all at the same time, and the new ones
     * begin, where the databases stand; one policy follows on another as at any start. The others are not touched.
     */
    @Override
    public List<SyncChange> reload(boolean apply) {
        Reload reload = Reload.read(configuration, syncs);
        reload.check();
        if (apply && reload.changesAnything()) {
            change(reload);
            LOG.info("reloaded {}", configuration.file());
            beginWhatCan(() -> {}, false);
        }
        return reload.changes();
    }

    private synchronized void change(Reload reload) {
        for (SyncChange change : reload.changes()) {
            change.lines().forEach(line -> LOG.info("{}", line));
        }
        close(syncs.values().stream().filter(sync -> !reload.keeps(sync.name())).toList());
        Configuration fresh = reload.configuration();
        surroundings = surroundings.of(fresh);
        Map<String, RunningSync> next = new LinkedHashMap<>();
        for (SyncSpec sync : fresh.syncs()) {
            RunningSync kept = syncs.get(sync.name());
            next.put(
                    sync.name(),
                    kept != null && reload.keeps(sync.name()) ? kept : new RunningSync(sync, List.of(), surroundings));
        }
        configuration = fresh;
        syncs = next;
        released.removeIf(sync -> !reload.keeps(sync));
    }

    /** By others, which wait. */
    private void replace(List<SyncSpec> ended) {
        Map<String, RunningSync> next = new LinkedHashMap<>(syncs);
        ended.forEach(sync -> next.put(sync.name(), new RunningSync(sync, List.of(), surroundings)));
        syncs = next;
    }

    @Override
    public void restart(String sync) {
        synchronized (this) {
            close(List.of(sync(sync)));
            replace(List.of(configuration.sync(sync)));
        }
        beginWhatCan(() -> {}, false);
    }

    @Override
    public void release(String sync) {
        synchronized (this) {
            RunningSync ending = sync(sync);
            close(List.of(ending));
            released.add(sync);
            replace(List.of(configuration.sync(sync)));
        }
        LOG.info("{}: let go, to be taken off its databases", sync);
    }

    @Override
    public List<String> detach(String database) {
        return without(database, Detaching::check, Detaching::detach);
    }

    @Override
    public List<String> attach(String database) {
        return without(database, detaching -> {}, Detaching::attach);
    }

    /** Does something while no sync runs that the database belongs to; these begin again as it leaves them. */
    private List<String> without(String database, Consumer<Detaching> check, Consumer<Detaching> what) {
        List<String> said = new ArrayList<>();
        synchronized (this) {
            configuration.database(database);
            List<SyncSpec> concerned = configuration.syncs().stream()
                    .filter(sync -> Detaching.concerns(sync, database))
                    .toList();
            List<Detaching> each = concerned.stream()
                    .map(sync -> new Detaching(sync, database, configuration.connectors(), line -> {
                        said.add(line);
                        LOG.info("{}", line);
                    }))
                    .toList();
            each.forEach(check);
            close(concerned.stream().map(sync -> sync(sync.name())).toList());
            try {
                each.forEach(what);
            } finally {
                replace(concerned);
            }
        }
        beginWhatCan(() -> {}, false);
        return said;
    }

    @Override
    public RowExplanation explain(String sync, TableName table, Map<String, String> key) {
        return sync(sync).explain(table, key);
    }

    @Override
    public void pause(String sync) {
        sync(sync).pause();
    }

    @Override
    public void resume(String sync) {
        sync(sync).resume();
    }

    @Override
    public void kick(String sync, Duration limit) {
        sync(sync).kick(limit);
    }

    @Override
    public void copyWhole(String sync, Duration limit) {
        sync(sync).copyWhole(limit);
    }

    @Override
    public void await(String sync, @Nullable Map<String, Long> positions, Duration limit) {
        sync(sync).await(positions, limit);
    }

    private RunningSync sync(String name) {
        RunningSync sync = syncs.get(name);
        if (sync == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "there is no sync \"" + name + "\" in the running process" + NearestWord.hint(name, syncs.keySet()),
                    "It runs " + String.join(", ", syncs.keySet()) + ".",
                    "\"replicator reload\" has it take what has changed in the configuration.");
        }
        return sync;
    }

    /** Ends every sync after what is in flight, within seconds. Never throws. */
    @Override
    public void close() {
        looking.shutdownNow();
        pruning.close();
        synchronized (this) {
            closed = true;
            close(syncs.values());
        }
        slots.close();
        spool.close();
    }

    private static void close(Collection<RunningSync> ending) {
        List<Thread> stops = ending.stream()
                .map(sync -> new Thread(sync::close, "stop-" + sync.name()))
                .toList();
        stops.forEach(Thread::start);
        for (Thread stop : stops) {
            try {
                stop.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
