package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.RowExplanation;
import dev.replicator.observe.Listener.Side;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to lead a sync, from looking at the slots to the moment another process takes over: the capture and apply
 * threads, and the resolver they feed. What a term knew is dropped with it. Driven by the resolve thread.
 *
 * <p>Order of a start: every source is asked who holds its slot; if anybody does, this process stands by and asks again.
 * Only when none of those that answer is held are the targets' fences taken; they say where reading starts; then the
 * slots are taken, in the order of names. A source that is away stops nobody. Of two processes that start at the same
 * moment the one that lacks an earlier slot gives way; the fence keeps the other from writing meanwhile.
 */
final class Term {
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long TICK_NANOS = Duration.ofMillis(500).toNanos();

    enum Phase {
        LOOKING,
        STANDBY,
        LEADING,
        OVER
    }

    private final Wiring wiring;
    private final Waits waits;
    private final Resolver resolver;
    private final List<SourceSide> sources = new ArrayList<>();
    private final List<TargetSide> targets = new ArrayList<>();
    private final Storing storing;
    private final Ruling ruling;

    private final Remedies remedies;
    private final HoldBack holdBack;
    private final TargetEvents targetEvents;
    private final Showing showing;

    private Phase phase = Phase.LOOKING;
    private String reason = "";
    private boolean paused;
    private boolean stopping;
    private long lookDue;
    private long tickDue;
    private long quietAfter;

    Term(
            Wiring wiring,
            TablePolicies policies,
            EventQueue<Event.From> inbox,
            StateBoard board,
            Waits waits,
            Returns returns) {
        this.wiring = wiring;
        this.waits = waits;
        this.ruling = new Ruling(wiring, policies, sources, targets);
        this.resolver = wiring.resolving()
                .make(
                        ruling.inForce::resolution,
                        conflict -> wiring.listener().conflict(wiring.sync().name(), conflict));
        Outlet outlet = new Outlet(event -> inbox.add(new Event.From(this, event)), inbox::wake, wiring.listener());
        for (int source = 0; source < wiring.sync().sourceCount(); source++) {
            sources.add(new SourceSide(source, wiring, outlet));
        }
        for (int node = 0; node < wiring.sync().nodeCount(); node++) {
            if (wiring.isWritten(node)) {
                targets.add(new TargetSide(node, wiring, outlet));
            }
        }
        this.remedies = new Remedies(wiring, resolver, this::target, outlet.events());
        this.holdBack = new HoldBack(wiring, resolver, targets);
        this.storing = new Storing(wiring, resolver, sources, targets);
        this.targetEvents = new TargetEvents(this, sources, resolver, waits, ruling, storing, remedies, returns);
        this.showing = new Showing(wiring, board, resolver, sources, targets);
    }

    void begin(boolean startPaused) {
        pause(startPaused);
        sources.forEach(source -> source.thread.start());
        showing.states(phase, reason, paused);
    }

    Phase phase() {
        return phase;
    }

    /** What is open of a key. */
    Optional<RowExplanation> explain(Key key) {
        return resolver.explain(key);
    }

    /** Why it stands by, or why it is over, or what waits. */
    String reason() {
        String waits = phase == Phase.LEADING ? ruling.waitReason() : null;
        return waits == null ? reason : waits;
    }

    /** Whether it is over only so that a new one begins at once. */
    boolean isGoingOn() {
        return ruling.inForce.isOver();
    }

    /** Other policies are configured from now on. */
    void configure(TablePolicies fresh) {
        ruling.inForce.configure(fresh);
        active(System.nanoTime());
    }

    void pause(boolean on) {
        paused = on;
        sources.forEach(source -> source.capture.tell(new CaptureThread.Command.Pause(on)));
        targets.forEach(target -> target.pause(on));
    }

    /** A slot found ahead cannot be read on with what this term knows: a new one asks again what is stored. */
    void retryNow() {
        if (sources.stream().anyMatch(source -> source.failure != null && isAhead(source.failure))) {
            over("what is stored is read again");
            return;
        }
        sources.forEach(source -> source.capture.tell(new CaptureThread.Command.RetryNow()));
        for (TargetSide target : targets) {
            target.retryNow();
            target.retryRefused(System.nanoTime(), true, resolver);
        }
    }

    /** Has the sources say how far they are, for who waits for that. */
    void askEnds() {
        for (SourceSide source : sources) {
            for (long question : waits.unanswered(source.index)) {
                source.capture.tell(new CaptureThread.Command.AskEnd(question));
            }
        }
    }

    // ------------------------------------------------------------------ events

    void handle(Event event) {
        long now = System.nanoTime();
        active(now);
        if (event instanceof Event.SourceConnected connected) {
            SourceSide source = sources.get(connected.source());
            source.reported = true;
            source.failure = null;
            source.slot = connected.slot();
        } else if (event instanceof Event.SlotSeen seen) {
            sources.get(seen.source()).slot = seen.slot();
        } else if (event instanceof Event.SourceStreaming streaming) {
            SourceSide source = sources.get(streaming.source());
            source.streaming = true;
            source.everStreamed = true;
        } else if (event instanceof Event.SourceLost lost) {
            sources.get(lost.source()).lost(lost.failure());
            if (CaptureThread.isBusy(lost.failure())
                    || (isAhead(lost.failure()) && sources.get(lost.source()).everStreamed)) {
                giveWay(sources.get(lost.source()), lost.failure().primary());
            }
        } else if (event instanceof Event.ClockMeasured measured) {
            sources.get(measured.source()).clockOffset = measured.offset();
            Clocks.check(wiring, sources);
        } else if (event instanceof Event.EndKnown known) {
            waits.endKnown(known.source(), known.question(), known.position());
        } else if (event instanceof Event.Broken broken) {
            throw broken.failure();
        } else {
            targetEvents.handle(event);
        }
    }

    TargetSide target(int node) {
        for (TargetSide target : targets) {
            if (target.node == node) {
                return target;
            }
        }
        throw new IllegalStateException("node " + node + " is not written");
    }

    // ------------------------------------------------------------------ who leads

    /**
     * Another process has the slot (one's own session that has not ended yet is not reported so), or had it in between.
     * What this process had read from it before is of no use then: it starts anew, from what is stored.
     */
    private void giveWay(SourceSide busy, String why) {
        for (SourceSide source : sources) {
            if (source.index < busy.index && source.everStreamed && !busy.everStreamed) {
                return;
            }
        }
        over(why);
    }

    private static boolean isAhead(ReplicatorException failure) {
        return failure.code() == ErrorCode.SLOT_AHEAD;
    }

    /** Ends it: the next one begins anew, or another process leads. */
    void over(String why) {
        phase = Phase.OVER;
        reason = why;
    }

    private void look(long now) {
        boolean everyoneReported = true;
        boolean anyoneFree = false;
        SourceSide busy = null;
        for (SourceSide source : sources) {
            everyoneReported &= source.reported;
            anyoneFree |= source.isOurs();
            busy = busy == null && source.isBusy() ? source : busy;
        }
        if (busy != null && busy.slot != null) {
            phase = Phase.STANDBY;
            reason = "replication slot on database \"" + busy.name + "\" is held by " + busy.slot.holder();
        } else if (everyoneReported && anyoneFree) {
            phase = Phase.LEADING;
            reason = "";
            askEnds();
        } else if (phase == Phase.STANDBY) {
            phase = Phase.LOOKING;
            reason = "";
        }
        if (phase != Phase.LEADING && lookDue - now <= 0) {
            lookDue = now + LOOK_NANOS;
            sources.forEach(source -> source.capture.tell(new CaptureThread.Command.Look()));
        }
    }

    private void startWhatCan(long now) {
        for (TargetSide target : targets) {
            if (!target.isStarted()
                    && (target.node >= sources.size()
                            || sources.get(target.node).isOurs())) {
                target.startOnce();
            }
        }
        boolean lookAgain = lookDue - now <= 0;
        for (SourceSide source : sources) {
            if (source.isBusy()) {
                giveWay(source, "replication slot on database \"" + source.name + "\" is held by another process");
                if (lookAgain) {
                    lookDue = now + LOOK_NANOS;
                    source.capture.tell(new CaptureThread.Command.Look());
                }
            } else if (source.slot != null && !source.startSent) {
                source.startReading(resolver, source.slot);
            }
        }
    }

    // ------------------------------------------------------------------ work

    /** Does what can be done now; says whether there may be more. */
    boolean round() {
        long now = System.nanoTime();
        if (phase == Phase.LOOKING || phase == Phase.STANDBY) {
            look(now);
        }
        if (phase == Phase.LEADING) {
            startWhatCan(now);
            ruling.round();
            if (ruling.inForce.isOver()) {
                over("the policies that are in force are asked for again");
            }
        }
        boolean more = phase == Phase.LEADING && work(now);
        if (phase != Phase.OVER) {
            showing.states(phase, reason, paused);
        }
        return more;
    }

    private boolean work(long now) {
        boolean more = false;
        if (!paused && !stopping) {
            if (!holdBack.holds() && ruling.inForce.mayDecide()) {
                for (SourceSide source : sources) {
                    more |= source.deliverSome(resolver);
                }
                resolver.takeLostMoves((row, master) -> target(master).again.add(row));
            }
            if (!waits.isEmpty()) {
                waits.resolved(
                        sources.stream().mapToLong(source -> source.delivered).toArray(), resolver.positions());
            }
            for (TargetSide target : targets) {
                more |= target.offer(resolver, wiring.settings().batchRows(), now);
                if (target.idle) {
                    waits.idle(target.node);
                }
            }
            if (!waits.isEmpty() && targets.stream().allMatch(target -> target.again.isEmpty())) {
                waits.complete(wiring::isWritten, resolver::isReturning);
            }
        }
        if (more) {
            active(now);
        }
        if (tickDue - now <= 0) {
            tickDue = now + TICK_NANOS;
            storing.tick(now, paused);
            ruling.tick(resolver);
            if (!paused && !stopping) {
                targets.forEach(target -> target.retryRefused(now, false, resolver));
            }
            holdBack.tick();
            showing.waiting();
        }
        return more;
    }

    private void active(long now) {
        quietAfter = now + 3 * wiring.settings().storeInterval().toNanos();
    }

    /** When {@link #round()} has to be called again although nothing has happened. */
    long dueIn(long now) {
        if (phase == Phase.LOOKING || phase == Phase.STANDBY) {
            return Math.max(1, lookDue - now);
        }
        boolean looks = sources.stream().anyMatch(source -> source.isBusy());
        boolean retries = targets.stream().anyMatch(target -> target.hasQuarantine || !target.again.isEmpty());
        boolean quiet = quietAfter - now <= 0 && !looks && !retries && ruling.waitReason() == null;
        long due = quiet ? Duration.ofSeconds(60).toNanos() : tickDue - now;
        if (!paused && !stopping) {
            for (TargetSide target : targets) {
                due = Math.min(due, target.dueIn(now));
            }
        }
        return Math.max(1, due);
    }

    // ------------------------------------------------------------------ end

    /** No more batches are begun; {@link #isQuiet()} says when the last has ended. */
    void windDown() {
        stopping = true;
    }

    boolean isQuiet() {
        return targets.stream().noneMatch(target -> target.inFlight != null || target.again.isTold());
    }

    /**
     * Ends all threads and drops everything; waits for them until {@code deadline} (nano time). Says whether all have
     * ended: one that waits for a server in vain ends later, by itself.
     */
    boolean close(long deadline, @Nullable String stopped) {
        remedies.end();
        sources.forEach(source -> source.capture.tell(new CaptureThread.Command.Stop()));
        targets.forEach(target -> target.apply.tell(new ApplyThread.Command.Stop()));
        boolean clean = true;
        for (SourceSide source : sources) {
            clean &= join(source.thread, deadline);
            showing.end(source.name, Side.SOURCE, reason, stopped);
        }
        for (TargetSide target : targets) {
            clean &= !target.isStarted() || join(target.thread, deadline);
            showing.end(target.name, Side.TARGET, reason, stopped);
        }
        if (clean) {
            sources.forEach(source -> source.queue.clear());
            resolver.close();
        }
        return clean;
    }

    private static boolean join(Thread thread, long deadline) {
        try {
            thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
