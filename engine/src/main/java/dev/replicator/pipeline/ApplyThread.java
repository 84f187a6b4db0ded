package dev.replicator.pipeline;

import dev.replicator.copy.InitialCopying;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.Batch;
import dev.replicator.model.Row;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.observe.Listener;
import dev.replicator.spi.AsynchronousCommits;
import dev.replicator.spi.Correction;
import dev.replicator.spi.MasterTarget;
import dev.replicator.spi.QuarantineTarget;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to one database: opens a session for ever, hands its state to the resolve thread, then writes what it is given,
 * one batch at a time. Owns the session; others reach it by {@link #tell}.
 *
 * <p>A batch that lost to other transactions over locks is handed back, and the session goes on. Any other failure ends
 * the session; what became of a batch in flight is known when the next one has started. A refused change stops this
 * target alone: it is tried again after a pause that grows, and at once when told to. A session that another process
 * fenced off is not opened again.
 */
final class ApplyThread implements Runnable {
    private static final long DURABLE_NANOS = Duration.ofMillis(50).toNanos();
    private static final long COPYING_NANOS = Duration.ofMillis(250).toNanos();
    private static final Duration FIRST_REFUSED = Duration.ofSeconds(1);
    private static final long IDLE_NANOS = Duration.ofSeconds(3600).toNanos();
    private static final long CLOCK_NANOS = Duration.ofSeconds(30).toNanos();

    /** What it can be told. Work for a session that is gone is dropped: the resolver queues it again. */
    sealed interface Command {
        record Write(long session, Batch batch, long transactions) implements Command {}

        record Store(long session, SourceState state) implements Command {}

        record StorePolicies(long session, StoredPolicies policies) implements Command {}

        /** A change of our own; told again when it is lost with the session. */
        record Correct(long session, Correction correction) implements Command {}

        /** What was told of a row need not be told again. */
        record Decided(long session, Refusal refusal) implements Command {}

        /** Columns that a row lacks are to be written again; answered by {@link Event.WrittenAgain}. */
        record WriteAgain(long session, Row row) implements Command {}

        /** What is put aside is to be tried again with the next batch. */
        record RetryRefused() implements Command {}

        record RetryNow() implements Command {}

        /** Give up this session for a reason seen elsewhere. */
        record Fail(long session, ReplicatorException failure) implements Command {}

        record Stop() implements Command {}
    }

    private final String sync;
    private final String database;
    private final int node;
    private final Opening opening;
    private final boolean receivesOnly;
    private final Consumer<Event> events;
    private final Listener listener;
    private final Duration slowRetry;

    private final EventQueue<Command> commands = new EventQueue<>();
    private final Backoff backoff = new Backoff();
    private int refusals;
    private boolean stopped;
    private boolean retryNow;
    private volatile boolean paused;
    /** Number this process took last; 0: none yet. */
    private long fence;

    private NodeMapping mapping = NodeMapping.NONE;
    private long session;
    private long written;
    private long durable;
    /** When the server is asked next how far it has flushed. */
    private long durableDue;

    private long clockDue;

    ApplyThread(Place place, Opening opening, boolean receivesOnly, Outlet outlet, Duration slowRetry) {
        this.sync = place.sync();
        this.database = place.database();
        this.node = place.node();
        this.opening = opening;
        this.receivesOnly = receivesOnly;
        this.events = outlet.events();
        this.listener = outlet.listener();
        this.slowRetry = slowRetry;
    }

    /** Nothing new is copied meanwhile; batches are not given to it anyway. From any thread. */
    void pause(boolean on) {
        paused = on;
    }

    /** From any thread. */
    void tell(Command command) {
        commands.add(command);
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                session++;
                written = 0;
                durable = 0;
                retryNow = false;
                try (Target target = opened()) {
                    if (target == null) {
                        return;
                    }
                    events.accept(new Event.TargetConnected(node, session, startSession(target)));
                    serve(target);
                } catch (ReplicatorException e) {
                    lost(e.within(context()));
                }
            }
        } catch (RuntimeException e) {
            events.accept(new Event.Broken("apply-" + database, e));
        }
    }

    /** A session, once the node has got the rows it lacks; null: it has to end before. */
    private @Nullable Target opened() {
        fence = opening.preparation().run(fence, new InitialCopying.Control() {
            @Override
            public boolean goOn() {
                obeyAll(null);
                if (!stopped) {
                    commands.await(COPYING_NANOS);
                }
                return !stopped;
            }

            @Override
            public boolean isPaused() {
                return paused;
            }
        });
        obeyAll(null);
        mapping = opening.mapping().get();
        return stopped ? null : opening.target().get();
    }

    private TargetState startSession(Target target) {
        if (!receivesOnly) {
            master(target);
        }
        TargetState state = mapping.state(target.start(fence));
        fence = state.fence();
        listener.quarantined(sync, database, state.quarantined());
        return state;
    }

    private MasterTarget master(Target target) {
        if (target instanceof MasterTarget master) {
            return master;
        }
        throw ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot use database \"" + database + "\" as a source",
                "Its connector writes to databases that only receive.",
                "Name it under targets.");
    }

    private void lost(ReplicatorException failure) {
        events.accept(new Event.TargetLost(node, session, failure));
        if (failure.kind() == Kind.FENCED) {
            stopped = true;
            return;
        }
        boolean mended = failure.code() == ErrorCode.SCHEMA_DIFFERS
                && !paused
                && opening.mending().getAsBoolean();
        boolean passes = failure.kind() == Kind.RETRYABLE || mended;
        Duration pause = passes ? backoff.next() : failure.kind() == Kind.POISON ? refusedPause() : slowRetry;
        listener.failed(sync, database, Listener.Side.TARGET, failure, pause);
        long until = System.nanoTime() + pause.toNanos();
        while (!stopped && !retryNow && until - System.nanoTime() > 0) {
            obeyAll(null);
            if (!stopped && !retryNow) {
                commands.await(until - System.nanoTime());
            }
        }
    }

    /** From a second on, doubling, up to what is set: whoever removes the obstacle need not wait long. */
    private Duration refusedPause() {
        Duration growing = FIRST_REFUSED.multipliedBy(1L << Math.min(refusals++, 20));
        return growing.compareTo(slowRetry) < 0 ? growing : slowRetry;
    }

    private void serve(Target target) {
        clockDue = System.nanoTime();
        while (!stopped) {
            obeyAll(target);
            if (stopped) {
                return;
            }
            measureClock(target);
            commands.await(durable < written ? until(durableDue) : receivesOnly ? until(clockDue) : IDLE_NANOS);
            askDurable(target);
        }
    }

    /** Masters' clocks are measured where they are read. */
    private void measureClock(Target target) {
        if (receivesOnly && clockDue - System.nanoTime() <= 0) {
            clockDue = System.nanoTime() + CLOCK_NANOS;
            Duration offset = target.clockOffset();
            if (offset != null) {
                listener.clockOffset(sync, database, offset);
            }
        }
    }

    private static long until(long due) {
        return Math.max(1, due - System.nanoTime());
    }

    private void obeyAll(@Nullable Target target) {
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            if (command instanceof Command.Stop) {
                stopped = true;
                return;
            } else if (command instanceof Command.RetryNow) {
                retryNow = true;
                // A session that was ended while nothing was written to it is noticed by a question only.
                clockDue = System.nanoTime();
            } else if (command instanceof Command.RetryRefused) {
                if (target instanceof QuarantineTarget quarantine) {
                    quarantine.retryRefused();
                }
            } else if (target != null && command instanceof Command.Fail fail && fail.session() == session) {
                throw fail.failure();
            } else if (target != null && command instanceof Command.Write write && write.session() == session) {
                write(target, write);
            } else if (target != null && command instanceof Command.WriteAgain again && again.session() == session) {
                boolean done = master(target).writeAgain(again.row());
                events.accept(new Event.WrittenAgain(node, session, done));
            } else if (target != null && command instanceof Command.Correct correct && correct.session() == session) {
                correct(target, correct.correction());
            } else if (target != null && command instanceof Command.Decided decided && decided.session() == session) {
                if (target instanceof QuarantineTarget quarantine) {
                    quarantine.decided(decided.refusal());
                }
            } else if (target != null && command instanceof Command.Store store && store.session() == session) {
                master(target).storeState(store.state());
                events.accept(new Event.Stored(node, session, store.state()));
            } else if (target != null && command instanceof Command.StorePolicies store && store.session() == session) {
                master(target).storePolicies(store.policies());
                events.accept(new Event.PoliciesStored(node, session, store.policies()));
            }
        }
    }

    private void write(Target target, Command.Write write) {
        long begun = System.nanoTime();
        WriteResult result;
        try {
            result = mapping.result(target.write(mapping.batch(write.batch())));
        } catch (ReplicatorException e) {
            if (e.kind() != Kind.ROLLED_BACK) {
                throw e;
            }
            events.accept(new Event.RolledBack(node, session, write.batch(), e.within(context())));
            return;
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        events.accept(new Event.Written(node, session, write.batch(), result));
        backoff.reset();
        listener.quarantined(sync, database, result.quarantined());
        refusals = 0;
        listener.applied(
                sync,
                database,
                write.transactions(),
                result.rows(),
                took,
                write.batch().commitMicros());
        if (receivesOnly) {
            durableDue = durable < written ? durableDue : System.nanoTime() + DURABLE_NANOS;
            written = write.batch().number();
            askDurable(target);
        }
    }

    private void correct(Target target, Correction correction) {
        Correction.Result result = master(target).correct(correction);
        listener.corrected(sync, database, correction, result);
        if (result == Correction.Result.MADE) {
            correction.conflicts().forEach(conflict -> listener.conflict(sync, conflict));
        }
        events.accept(new Event.Corrected(node, session, correction, result));
    }

    private String context() {
        return "sync \"" + sync + "\", database \"" + database + "\", thread apply-" + database;
    }

    /** A server flushes some time after the commit, so it is not asked for each batch: it would cost a round trip. */
    private void askDurable(Target target) {
        if (durable == written || (target instanceof AsynchronousCommits && durableDue - System.nanoTime() > 0)) {
            return;
        }
        durableDue = System.nanoTime() + DURABLE_NANOS;
        long now = target instanceof AsynchronousCommits later ? later.durableBatch() : written;
        if (now > durable) {
            durable = now;
            events.accept(new Event.Durable(node, session, now));
        }
    }
}
