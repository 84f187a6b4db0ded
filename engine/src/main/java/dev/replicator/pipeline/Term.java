package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.RowExplanation;
import dev.replicator.observe.Listener.Side;
import dev.replicator.observe.Listener.State;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import dev.replicator.spi.Refusal;
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
    private final StateBoard board;
    private final Waits waits;
    private final Resolver resolver;
    private final List<SourceSide> sources = new ArrayList<>();
    private final List<TargetSide> targets = new ArrayList<>();
    private final Storing storing;
    private final Ruling ruling;

    private final Remedies remedies;
    private final HoldBack holdBack;
    private final Returns returns;

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
        this.returns = returns;
        this.wiring = wiring;
        this.board = board;
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
    }

    void begin(boolean startPaused) {
        pause(startPaused);
        sources.forEach(source -> source.thread.start());
        showStates();
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
            handleTarget(event);
        }
    }

    private void handleTarget(Event event) {
        if (event instanceof Event.TargetConnected connected) {
            TargetSide target = target(connected.node());
            if (target.isGivenUp()) {
                if (target.returns(connected.session(), returns)) {
                    over("\"" + target.name + "\" is back after it was given up; the logs are read again for it");
                }
                return;
            }
            boolean copiedAnew =
                    target.everConnected && !connected.state().copied().isEmpty();
            if (copiedAnew && wiring.sync().isMultiMaster()) {
                over("tables of \"" + target.name + "\" were copied; the logs are read again for it");
                return;
            }
            target.connected(connected.session(), connected.state(), resolver);
            ruling.connected(connected.node(), connected.state().policies());
            if (connected.node() < sources.size()) {
                sources.get(connected.node()).markSecret = connected.state().markSecret();
            }
        } else if (event instanceof Event.TargetLost lost) {
            target(lost.node()).lost(lost.failure(), resolver);
            ruling.lost(lost.node());
            if (lost.node() < sources.size()) {
                sources.get(lost.node()).storing = false;
            }
            if (lost.failure().kind() == ReplicatorException.Kind.FENCED) {
                over("another process took over: " + lost.failure().primary());
            }
        } else if (event instanceof Event.Written written) {
            TargetSide target = target(written.node());
            if (target.session == written.session()) {
                target.written(written.batch(), written.result(), resolver);
                waits.written(target.node, written.batch().held());
                for (Refusal refusal : written.result().refusals()) {
                    remedies.refused(target.node, refusal, System.nanoTime());
                }
            }
        } else if (event instanceof Event.RolledBack back) {
            TargetSide target = target(back.node());
            if (target.session == back.session()) {
                target.rolledBack(back.batch(), back.failure(), System.nanoTime(), resolver);
            }
        } else if (event instanceof Event.WrittenAgain again) {
            if (target(again.node()).session == again.session()) {
                target(again.node()).again.answered(again.done(), System.nanoTime());
                if (again.done() && !waits.isEmpty()) {
                    waits.writtenAgain(again.node());
                    askEnds();
                }
            }
        } else if (event instanceof Event.Durable durable) {
            if (target(durable.node()).session == durable.session()) {
                resolver.durable(durable.node(), durable.batch());
            }
        } else if (event instanceof Event.PoliciesStored stored) {
            if (target(stored.node()).session == stored.session()) {
                ruling.stored(stored.node(), stored.policies());
            }
        } else if (event instanceof Event.Stored stored) {
            storing.stored(sources.get(stored.node()), stored.state());
        } else if (event instanceof Event.Remedied remedied) {
            remedies.remedied(remedied, System.nanoTime());
        } else if (event instanceof Event.Corrected corrected) {
            remedies.corrected(corrected.node(), corrected.correction(), corrected.result(), System.nanoTime());
        }
    }

    private TargetSide target(int node) {
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

    private void over(String why) {
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
                start(source, source.slot);
            }
        }
    }

    private void start(SourceSide source, LogSession.Slot slot) {
        byte[] secret = source.markSecret;
        long position = resolver.startPosition(source.index);
        if (secret == null || position < 0) {
            return;
        }
        source.startSent = true;
        if (position == 0) {
            // Nothing was stored yet, so nothing was acknowledged: a slot beyond what a target holds is not the one it
            // was.
            long held = resolver.furthestHeld(source.index);
            position = held == 0 ? slot.confirmed() : Math.min(held, slot.confirmed());
        }
        source.capture.tell(new CaptureThread.Command.Start(position, secret, resolver.lastMark(source.index)));
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
            showStates();
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
            targets.forEach(this::showWaiting);
        }
        return more;
    }

    private void active(long now) {
        quietAfter = now + 3 * wiring.settings().storeInterval().toNanos();
    }

    private void showWaiting(TargetSide target) {
        long waiting = resolver.waitingItems(target.node);
        if (waiting != 0 || target.shownWaiting != 0) {
            target.shownWaiting = waiting;
            wiring.listener()
                    .waiting(
                            wiring.sync().name(),
                            target.name,
                            waiting,
                            resolver.waitingBytes(target.node),
                            resolver.oldestWaitingMicros(target.node));
        }
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

    // ------------------------------------------------------------------ states, end

    private void showStates() {
        for (SourceSide source : sources) {
            boolean standby = phase == Phase.STANDBY && source.failure == null;
            board.show(
                    source.name,
                    Side.SOURCE,
                    standby ? State.STANDBY : source.state(paused),
                    standby ? reason : phase == Phase.LOOKING && source.failure == null ? "" : source.reason());
        }
        for (TargetSide target : targets) {
            boolean standby = phase == Phase.STANDBY;
            board.show(
                    target.name,
                    Side.TARGET,
                    standby ? State.STANDBY : target.state(resolver, paused),
                    standby ? reason : target.reason(resolver));
        }
    }

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
            showEnd(source.name, Side.SOURCE, stopped);
        }
        for (TargetSide target : targets) {
            clean &= !target.isStarted() || join(target.thread, deadline);
            showEnd(target.name, Side.TARGET, stopped);
        }
        if (clean) {
            sources.forEach(source -> source.queue.clear());
            resolver.close();
        }
        return clean;
    }

    private void showEnd(String name, Side side, @Nullable String stopped) {
        board.show(name, side, stopped == null ? State.STANDBY : State.STOPPED, stopped == null ? reason : stopped);
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
