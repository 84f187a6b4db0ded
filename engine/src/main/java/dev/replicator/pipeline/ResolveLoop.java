package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.RowExplanation;
import dev.replicator.policy.TablePolicies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The resolve thread: takes events, drives the present {@link Term}, begins a new one when another process took over and
 * may be gone again. It waits in one place, for an event or the next due time.
 */
final class ResolveLoop implements Runnable {
    private static final Duration RETREAT = Duration.ofSeconds(3);
    private static final Duration RETREAT_CLOSE = Duration.ofSeconds(5);

    private final Wiring wiring;
    private final EventQueue<Event.From> inbox = new EventQueue<>();
    private final StateBoard board;
    private final Waits waits;
    private final Returns returns = new Returns();
    private final CountDownLatch ended = new CountDownLatch(1);

    private final List<CompletableFuture<Void>> quiet = new ArrayList<>();

    private TablePolicies policies;
    private @Nullable Term term;
    private boolean stopping;
    private long stopDeadline;
    private boolean stoppedClean = true;
    private long nextTerm = System.nanoTime();
    private volatile boolean paused;
    private volatile String reason = "";
    private volatile @Nullable ReplicatorException failure;
    private volatile Consumer<ReplicatorException> onFailure = ignored -> {};
    private volatile Consumer<ReplicatorException> onUndecided = ignored -> {};
    /** It waits for a person to decide a conflict. */
    private boolean undecided;

    ResolveLoop(Wiring wiring) {
        this.wiring = wiring;
        this.policies = wiring.policies();
        this.board = new StateBoard(wiring.sync().name(), wiring.listener());
        this.waits = new Waits(wiring.sync().nodeCount());
    }

    // ------------------------------------------------------------------ from any thread

    void onFailure(Consumer<ReplicatorException> consumer) {
        onFailure = consumer;
    }

    void onUndecided(Consumer<ReplicatorException> consumer) {
        onUndecided = consumer;
    }

    boolean isPaused() {
        return paused;
    }

    String reason() {
        return reason;
    }

    @Nullable
    ReplicatorException failure() {
        return failure;
    }

    void configure(TablePolicies fresh) {
        ask(() -> {
            policies = fresh;
            if (term != null) {
                term.configure(fresh);
            }
        });
    }

    void pause(boolean on) {
        paused = on;
        ask(() -> {
            if (term != null) {
                term.pause(on);
            } else if (undecided && !on) {
                undecided = false;
                reason = "";
            }
        });
    }

    /** Completes when no batch is in flight any more; of use on a paused sync. */
    CompletableFuture<Void> whenQuiet() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        ask(future, () -> quiet.add(future));
        return future;
    }

    CompletableFuture<Void> kick() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        ask(future, () -> {
            if (paused) {
                future.completeExceptionally(refused("paused", "Run \"replicator resume\" first."));
            } else if (term != null && term.phase() == Term.Phase.STANDBY) {
                future.completeExceptionally(refused("standing by: " + reason, "Kick the process that leads."));
            } else {
                waits.add(wiring.sync().sourceCount(), future);
                if (term != null) {
                    term.retryNow();
                    term.askEnds();
                }
            }
        });
        return future;
    }

    /** What is open of a key; empty when nothing is, or nothing is known. */
    CompletableFuture<Optional<RowExplanation>> explain(Key key) {
        CompletableFuture<Optional<RowExplanation>> future = new CompletableFuture<>();
        ask(future, () -> future.complete(term == null ? Optional.empty() : term.explain(key)));
        return future;
    }

    CompletableFuture<Void> waitForNow() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        ask(future, () -> {
            waits.add(wiring.sync().sourceCount(), future);
            if (term != null) {
                term.askEnds();
            }
        });
        return future;
    }

    CompletableFuture<Void> waitFor(int source, long position) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        ask(future, () -> {
            waits.add(wiring.sync().sourceCount(), source, position, future);
            // Something has to follow in the log for the stream to reach a position where nothing commits.
            waits.add(wiring.sync().sourceCount(), new CompletableFuture<>());
            if (term != null) {
                term.askEnds();
            }
        });
        return future;
    }

    boolean stop(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        ask(() -> {
            stopping = true;
            stopDeadline = deadline;
            if (term != null) {
                term.windDown();
            }
        });
        try {
            return ended.await(timeout.toNanos() + TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS) && stoppedClean;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void ask(Runnable action) {
        inbox.add(new Event.From(null, new Event.Asked(action)));
    }

    private void ask(CompletableFuture<?> future, Runnable action) {
        ask(action);
        if (ended.getCount() == 0) {
            future.completeExceptionally(refused("stopped", null));
        }
    }

    private ReplicatorException refused(String state, @Nullable String hint) {
        return ReplicatorException.fatal(
                ErrorCode.ADMIN, "sync \"" + wiring.sync().name() + "\" is " + state, null, hint);
    }

    // ------------------------------------------------------------------ the thread

    @Override
    public void run() {
        String end = "";
        try {
            loop();
        } catch (ReplicatorException e) {
            failure = e.within("sync \"" + wiring.sync().name() + "\", thread resolve-"
                    + wiring.sync().name());
        } catch (RuntimeException e) {
            failure = new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.INTERNAL,
                    "sync \"" + wiring.sync().name() + "\" cannot go on",
                    e.toString(),
                    "This is a bug in replicator; please report it.",
                    e);
        }
        ReplicatorException fatal = failure;
        if (fatal != null) {
            end = fatal.primary();
            stopDeadline = System.nanoTime() + RETREAT_CLOSE.toNanos();
        }
        if (term != null) {
            stoppedClean &= term.close(stopDeadline, end);
        }
        ended.countDown();
        waits.fail(refused("stopped", null));
        for (Event.From late = inbox.poll(); late != null; late = inbox.poll()) {
            if (late.event() instanceof Event.Asked asked) {
                asked.action().run();
            }
        }
        waits.fail(refused("stopped", null));
        quiet.forEach(future -> future.complete(null));
        if (fatal != null) {
            onFailure.accept(fatal);
        }
    }

    private void loop() {
        while (true) {
            try {
                handleAll();
            } catch (ReplicatorException e) {
                pauseUndecided(e);
            }
            long now = System.nanoTime();
            Term present = term;
            if (!quiet.isEmpty() && (present == null || present.isQuiet())) {
                quiet.forEach(future -> future.complete(null));
                quiet.clear();
            }
            if (stopping && (present == null || present.isQuiet() || stopDeadline - now <= 0)) {
                stoppedClean = present == null || present.isQuiet();
                return;
            }
            boolean more = false;
            if (present != null) {
                more = round(present);
            } else if (!stopping && !undecided && nextTerm - now <= 0) {
                begin();
                more = true;
            }
            if (!more && inbox.isEmpty()) {
                inbox.await(waitNanos());
            }
        }
    }

    private long waitNanos() {
        long now = System.nanoTime();
        if (stopping) {
            return Math.max(1, stopDeadline - now);
        }
        if (undecided) {
            return Duration.ofMinutes(1).toNanos();
        }
        return term == null ? Math.max(1, nextTerm - now) : term.dueIn(now);
    }

    private void begin() {
        Term fresh = new Term(wiring, policies, inbox, board, waits, returns);
        term = fresh;
        waits.begin();
        fresh.begin(paused);
    }

    private boolean round(Term present) {
        try {
            boolean more = present.round();
            reason = present.reason();
            if (present.phase() == Term.Phase.OVER) {
                retreat(present);
            }
            return more;
        } catch (ReplicatorException e) {
            pauseUndecided(e);
            return true;
        }
    }

    /** What was read is forgotten: on resuming, the same question comes again, and has to have an answer then. */
    private void pauseUndecided(ReplicatorException conflict) {
        Term present = term;
        if (conflict.code() != ErrorCode.CONFLICT || present == null) {
            throw conflict;
        }
        present.close(System.nanoTime() + RETREAT_CLOSE.toNanos(), conflict.primary());
        term = null;
        nextTerm = System.nanoTime();
        undecided = true;
        paused = true;
        reason = conflict.primary() + ": " + conflict.detail();
        onUndecided.accept(conflict.within("sync \"" + wiring.sync().name() + "\""));
    }

    private void retreat(Term present) {
        present.close(System.nanoTime() + RETREAT_CLOSE.toNanos(), null);
        term = null;
        nextTerm = System.nanoTime();
        if (!present.isGoingOn()) {
            nextTerm += RETREAT.toNanos() + ThreadLocalRandom.current().nextLong(RETREAT.toNanos() / 3);
        }
    }

    private void handleAll() {
        for (Event.From next = inbox.poll(); next != null; next = inbox.poll()) {
            if (next.event() instanceof Event.Asked asked) {
                asked.action().run();
            } else if (term != null && next.term() == term) {
                term.handle(next.event());
            }
        }
    }
}
