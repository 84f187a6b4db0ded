package dev.replicator.pipeline;

import dev.replicator.observe.Listener.Side;
import dev.replicator.observe.Listener.State;
import dev.replicator.resolve.Resolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells the listeners how the databases of a term are, and what waits for them. Used by the resolve thread. */
final class Showing {
    private final Wiring wiring;
    private final StateBoard board;
    private final Resolver resolver;
    private final List<SourceSide> sources;
    private final List<TargetSide> targets;

    Showing(Wiring wiring, StateBoard board, Resolver resolver, List<SourceSide> sources, List<TargetSide> targets) {
        this.wiring = wiring;
        this.board = board;
        this.resolver = resolver;
        this.sources = sources;
        this.targets = targets;
    }

    /** {@code reason}: why the term stands by, if it does. */
    void states(Term.Phase phase, String reason, boolean paused) {
        boolean standby = phase == Term.Phase.STANDBY;
        for (SourceSide source : sources) {
            boolean standsBy = standby && source.failure == null;
            board.show(
                    source.name,
                    Side.SOURCE,
                    standsBy ? State.STANDBY : source.state(paused),
                    standsBy ? reason : phase == Term.Phase.LOOKING && source.failure == null ? "" : source.reason());
        }
        for (TargetSide target : targets) {
            board.show(
                    target.name,
                    Side.TARGET,
                    standby ? State.STANDBY : target.state(resolver, paused),
                    standby ? reason : target.reason(resolver));
        }
    }

    void waiting() {
        for (TargetSide target : targets) {
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
    }

    /** {@code stopped}: why the program ends; null: it stands by from now on, for {@code reason}. */
    void end(String database, Side side, String reason, @Nullable String stopped) {
        board.show(database, side, stopped == null ? State.STANDBY : State.STOPPED, stopped == null ? reason : stopped);
    }
}
