package dev.replicator.pipeline;

import dev.replicator.copy.InitialCopying;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.RowExplanation;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener;
import dev.replicator.observe.Listeners;
import dev.replicator.observe.StatusListener;
import dev.replicator.observe.SyncStatus;
import dev.replicator.policy.ExceptionRules;
import dev.replicator.policy.Resolution;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.ResolverSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One running sync: the only way into this package.
 *
 * <p>Guarantees: databases that go away are tried for ever; one that fails stops no other; a second process on the same
 * sync stands by; {@link #stop} leaves no batch half-way; no method but {@code stop} waits.
 *
 * <p>Thread-safe. Threads: {@code capture-<database>} and {@code apply-<database>}, one each, and {@code
 * resolve-<sync>}; each object in it is owned by one of them. All are daemons.
 */
public final class Replication {
    private final Wiring wiring;
    private final StatusListener status;
    private final ResolveLoop loop;
    private final Thread thread;

    /** Where the latest change of every table wins. */
    public Replication(
            SyncSpec sync, List<Table> tables, Databases databases, Listener listener, ReplicationSettings settings) {
        this(
                sync,
                tables,
                TablePolicies.fixed(tables.stream().map(Table::name).toList(), table -> Resolution.LATEST),
                ExceptionRules.NONE,
                databases,
                listener,
                settings);
    }

    /**
     * @param tables what the sync replicates, numbered from 0
     * @param policies what decides the conflicts of each table
     * @param exceptions what is done about changes that a database refuses
     * @param databases opens sessions on them
     */
    public Replication(
            SyncSpec sync,
            List<Table> tables,
            TablePolicies policies,
            ExceptionRules exceptions,
            Databases databases,
            Listener listener,
            ReplicationSettings settings) {
        this(new Wiring(
                sync,
                IntStream.range(0, sync.sourceCount())
                        .<LogSource>mapToObj(source -> databases
                                .source(source)
                                .<LogSource>map(ForeignLogSource::new)
                                .orElseGet(() -> new SlotLogSource(sync, source, tables, settings)))
                        .toList(),
                databases::open,
                databases::mapping,
                node -> databases.source(0).isPresent()
                        ? Opening.Preparation.NONE
                        : new InitialCopying(sync, node, tables, () -> databases.load(node), listener)::run,
                databases::mend,
                policies,
                (resolutions, conflicts) -> new Resolver(ResolverSettings.of(
                                IntStream.range(0, sync.nodeCount())
                                        .mapToObj(node -> sync.node(node).name())
                                        .toList(),
                                sync.sourceCount(),
                                resolutions,
                                conflicts)
                        .withMemory(settings.memory())
                        .resuming(databases.source(0).isPresent())
                        .completing(completed(sync, databases))),
                settings,
                listener,
                exceptions));
    }

    /** The tables into whose rows a target looks, or all, where one takes whole rows only. */
    private static Predicate<TableName> completed(SyncSpec sync, Databases databases) {
        boolean all = IntStream.range(sync.sourceCount(), sync.nodeCount()).anyMatch(databases::takesWholeRowsOnly);
        return table -> all
                || IntStream.range(0, sync.nodeCount())
                        .anyMatch(node -> sync.mapping(node, table).readsRows());
    }

    Replication(Wiring given) {
        this.status = new StatusListener(given.sync(), InstantSource.system());
        Listener listener = Listeners.of(status, given.listener());
        this.wiring = new Wiring(
                given.sync(),
                given.sources(),
                given.target(),
                given.mapping(),
                given.preparation(),
                given.mending(),
                given.policies(),
                given.resolving(),
                given.settings(),
                listener,
                given.exceptions());
        this.loop = new ResolveLoop(wiring);
        this.thread = new Thread(loop, "resolve-" + given.sync().name());
        this.thread.setDaemon(true);
    }

    /** Begins; returns at once. {@code paused}: takes its place, but reads and writes nothing until {@link #resume}. */
    public void start(boolean paused) {
        if (paused) {
            loop.pause(true);
        }
        thread.start();
    }

    /**
     * Other policies are configured from now on. Each takes effect as soon as nothing is open any more under the one that is
     * in force; until then the status says that it waits.
     */
    public void configure(TablePolicies policies) {
        loop.configure(policies);
    }

    /** Reading and writing stop after the batches in flight; sessions and slots stay. */
    public void pause() {
        loop.pause(true);
    }

    /** Completes when no batch is in flight any more: after {@link #pause}, when nothing more will be written. */
    public CompletableFuture<Void> whenQuiet() {
        return loop.whenQuiet();
    }

    public void resume() {
        loop.pause(false);
    }

    /**
     * Tries again at once what is away or refused; completes when everything that was committed at every source before
     * the call has been applied everywhere. On a paused or standing-by sync it completes exceptionally, saying so.
     */
    public CompletableFuture<Void> kick() {
        return loop.kick();
    }

    /** What this process knows of a row's open changes; empty when there are none. */
    public CompletableFuture<Optional<RowExplanation>> explain(Key key) {
        return loop.explain(key);
    }

    /** Completes when everything that was committed at every source before the call has been applied everywhere. */
    public CompletableFuture<Void> waitForNow() {
        return loop.waitForNow();
    }

    /** Completes when everything of one source below {@code position} (a raw LSN) has been applied everywhere. */
    public CompletableFuture<Void> waitFor(String source, long position) {
        for (int i = 0; i < wiring.sync().sourceCount(); i++) {
            if (wiring.name(i).equals(source)) {
                return loop.waitFor(i, position);
            }
        }
        return CompletableFuture.failedFuture(ReplicatorException.fatal(
                ErrorCode.USAGE,
                "database \"" + source + "\" is not a source of sync \""
                        + wiring.sync().name() + "\"",
                null,
                null));
    }

    public SyncStatus status() {
        String reason = loop.reason();
        return status.status(loop.isPaused(), reason.isEmpty() ? null : reason);
    }

    /** Why the whole sync stopped by itself, or null. */
    public @Nullable ReplicatorException failure() {
        return loop.failure();
    }

    /** To be told when the whole sync stops by itself: a broken invariant, never a database that fails. */
    public void onFailure(Consumer<ReplicatorException> consumer) {
        loop.onFailure(consumer);
    }

    /** To be told, on the resolving thread, when the sync has paused because a person has to decide a conflict. */
    public void onUndecided(Consumer<ReplicatorException> consumer) {
        loop.onUndecided(consumer);
    }

    /** Ends what is in flight, then everything; says whether that was done within {@code timeout}. */
    public boolean stop(Duration timeout) {
        return thread.getState() == Thread.State.NEW || loop.stop(timeout);
    }
}
