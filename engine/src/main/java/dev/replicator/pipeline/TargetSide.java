package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.observe.Listener.State;
import dev.replicator.resolve.Resolver;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What the resolve thread knows of one node that is written, and how it speaks to its apply thread. */
final class TargetSide {
    private static final int MAX_CORRECTIONS = 10_000;
    /** What was refused may be taken now because of something that nobody tells of. */
    private static final long RETRY_NANOS = 5_000_000_000L;
    /** So much is worth a batch of its own. */
    private static final long FULL_BYTES = 4L << 20;

    final int node;
    final String name;
    final ApplyThread apply;
    final Thread thread;
    private final AtomicBoolean started = new AtomicBoolean();
    private final Linger linger = new Linger();

    /** Number of the session that is connected; 0 while none is. */
    long session;

    @Nullable
    Batch inFlight;

    @Nullable
    ReplicatorException failure;
    /** Nothing was there to do when it was asked last. */
    boolean idle;

    /** A session has been connected before. */
    boolean everConnected;

    /** Something is put aside there, or was by a session before this one. */
    boolean hasQuarantine;

    private long retryAt;

    long shownWaiting = -1;
    /** Changes of our own that wait until it is back. What is refused is told again, so none need be kept for ever. */
    private final List<Correction> corrections = new ArrayList<>();

    private @Nullable String givenUp;
    private boolean retried;
    /** How often in a row batches lost to other transactions over locks, and why the last one did. */
    private final LostRaces races = new LostRaces();

    final WritingAgain again = new WritingAgain();

    TargetSide(int node, Wiring wiring, Outlet outlet) {
        this.node = node;
        this.name = wiring.name(node);
        this.apply = new ApplyThread(
                new Place(wiring.sync().name(), name, node),
                wiring.opening(node),
                node >= wiring.sync().sourceCount(),
                outlet,
                wiring.settings().refusedRetry());
        this.thread = new Thread(apply, "apply-" + name);
        this.thread.setDaemon(true);
    }

    void pause(boolean on) {
        apply.pause(on);
    }

    void startOnce() {
        if (started.compareAndSet(false, true)) {
            thread.start();
        }
    }

    boolean isStarted() {
        return started.get();
    }

    /** Its session was lost, or could not be had. */
    boolean isAway() {
        return session == 0 && failure != null;
    }

    boolean isConnected() {
        return session != 0;
    }

    /** What waits for it takes too much: the others go on without it. */
    void giveUp(Resolver resolver, String budget) {
        resolver.giveUp(node);
        givenUp = "is given up since " + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                + ", when what waited for it took more than " + budget
                + "; it joins again from the logs when it is back, and until then the sources keep all WAL from where it"
                + " stood, and its own changes are not read";
    }

    /** A session has started although the node was given up: whether everything begins anew now. If not, it ends. */
    boolean returns(long number, Returns returns) {
        if (returns.returns(node, System.nanoTime(), retried)) {
            return true;
        }
        apply.tell(new ApplyThread.Command.Fail(
                number,
                new ReplicatorException(
                        ReplicatorException.Kind.RETRYABLE,
                        ErrorCode.TARGET_REFUSED,
                        "could not go on with database \"" + name
                                + "\", which was given up again soon after it was back",
                        null,
                        "\"replicator kick\" tries it at once.",
                        null)));
        return false;
    }

    boolean isGivenUp() {
        return givenUp != null;
    }

    /** Told to try again now. */
    void retryNow() {
        retried = true;
        apply.tell(new ApplyThread.Command.RetryNow());
    }

    void connected(long number, TargetState state, Resolver resolver) {
        inFlight = null;
        idle = false;
        try {
            resolver.connected(node, state);
        } catch (ReplicatorException e) {
            apply.tell(new ApplyThread.Command.Fail(number, e));
            return;
        }
        session = number;
        everConnected = true;
        failure = null;
        hasQuarantine = state.quarantined() > 0;
        races.over();
        corrections.forEach(this::correct);
        corrections.clear();
    }

    void lost(ReplicatorException reason, Resolver resolver) {
        failure = reason;
        if (session != 0) {
            resolver.disconnected(node);
        }
        session = 0;
        inFlight = null;
        again.lost();
        idle = false;
        linger.end();
    }

    /** The batch is committed. */
    void written(Batch batch, WriteResult result, Resolver resolver) {
        inFlight = null;
        races.over();
        hasQuarantine = result.quarantined() > 0;
        resolver.written(node, batch.number(), result);
    }

    /** Has what is put aside there tried again, if it is time. */
    void retryRefused(long now, boolean atOnce, Resolver resolver) {
        if (session != 0 && hasQuarantine && (atOnce || retryAt - now <= 0)) {
            retryAt = now + RETRY_NANOS;
            apply.tell(new ApplyThread.Command.RetryRefused());
            resolver.nudge(node);
        }
    }

    /** Has a change of our own made there, now or when it is back. */
    void correct(Correction correction) {
        if (session != 0) {
            apply.tell(new ApplyThread.Command.Correct(session, correction));
        } else if (corrections.size() < MAX_CORRECTIONS) {
            corrections.add(correction);
        }
    }

    /** What it told of a row has been decided. If it is away it will tell again. */
    void decided(Refusal refusal) {
        apply.tell(new ApplyThread.Command.Decided(session, refusal));
    }

    /** The batch lost to other transactions over locks: what it holds waits again, and is offered anew a little later. */
    void rolledBack(Batch batch, ReplicatorException reason, long now, Resolver resolver) {
        inFlight = null;
        races.lost(reason, now);
        resolver.failed(node, batch.number());
    }

    /** When there may be work although nothing has happened, in nanoseconds from {@code now}; Long.MAX_VALUE: never. */
    long dueIn(long now) {
        return session == 0 || inFlight != null ? Long.MAX_VALUE : Math.min(races.dueIn(now), linger.dueIn(now));
    }

    /** Hands over what there is to do, if it has nothing to do; says whether there was anything. */
    boolean offer(Resolver resolver, int maxRows, long now) {
        if (session == 0) {
            return false;
        }
        again.offer(apply, session, now);
        if (inFlight != null || !races.mayTry(now)) {
            return false;
        }
        boolean full = resolver.waitingItems(node) >= maxRows || resolver.waitingBytes(node) >= FULL_BYTES;
        if (linger.isToWait(now, full, resolver.oldestWaitingMicros(node))) {
            idle = false;
            return false;
        }
        long before = resolver.waitingItems(node);
        Batch batch = resolver.nextBatch(node, maxRows);
        idle = batch == null && before == 0 && resolver.joined(node) && again.isEmpty();
        if (batch == null) {
            return false;
        }
        inFlight = batch;
        long transactions = Math.max(0, before - resolver.waitingItems(node));
        apply.tell(new ApplyThread.Command.Write(session, batch, transactions));
        return true;
    }

    State state(Resolver resolver, boolean paused) {
        if (session == 0) {
            if (failure == null) {
                return State.STARTING;
            }
            return failure.kind() == ReplicatorException.Kind.RETRYABLE ? State.AWAY : State.FAILED;
        }
        if (paused) {
            return State.PAUSED;
        }
        return resolver.joined(node) ? State.STREAMING : State.JOINING;
    }

    String reason(Resolver resolver) {
        if (givenUp != null) {
            return givenUp;
        }
        if (session == 0) {
            return failure == null ? "" : failure.primary();
        }
        String waits = resolver.waitReason(node);
        if (waits != null) {
            return waits;
        }
        return races.reason().isEmpty() ? again.reason() : races.reason();
    }
}
