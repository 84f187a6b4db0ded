package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.SourceState;
import dev.replicator.spi.TargetState;

/**
 * What a session of a node tells when it starts: how much the node holds, and what it keeps of the sources' stored states.
 * The first one of each node is when that is met. Thread: the resolver's.
 */
final class Meeting {
    private final ResolverState state;
    private final Merging merging;
    /** Whether somebody keeps what the only source is read on from. */
    private boolean begun;

    Meeting(ResolverState state, Merging merging) {
        this.state = state;
        this.merging = merging;
    }

    /** A session has taken the fence and read the progress: the first one, or a new one after a loss. */
    void connected(Outbox outbox, TargetState told) {
        outbox.reconnect(told.fence(), told.lastFence(), told.lastBatch());
        if (!told.held().coversAll(outbox.durableHeld)) {
            outbox.connected = false;
            throw lostData(outbox, told);
        }
        if (state.isMultiMaster()) {
            adopt(outbox, told);
        } else {
            adoptCopy(outbox, told.states().get(0));
        }
        if (outbox.node >= state.logs().size() || !state.isMultiMaster()) {
            merging.passed(outbox, outbox.pass(told.lastFence(), told.lastBatch()), Passage.NO_MARK);
        }
        if (!outbox.met || !state.isMultiMaster()) {
            outbox.copied = new Copied(told.copied());
        }
        if (!outbox.met) {
            refuseLate(outbox, told);
            outbox.met = true;
            outbox.startHeld = told.held();
            outbox.logEnd = told.logEnd();
            outbox.durableHeld = told.held();
            if (!state.isMultiMaster()) {
                outbox.joined = true;
            }
        }
    }

    /** A log that begins with all rows does so once: who has nothing of it later would lack those. */
    private void refuseLate(Outbox outbox, TargetState told) {
        if (!state.settings().resumes() || outbox.node == 0) {
            return;
        }
        boolean has = told.states().get(0).position() > 0;
        Outbox late = !has && begun && told.held().get(0) == 0 ? outbox : null;
        for (Outbox other : state.outboxes()) {
            if (has && other.node > 0 && other.met && other.startHeld.get(0) == 0) {
                late = other;
            }
        }
        if (late != null) {
            outbox.connected = false;
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot begin with database \"" + state.settings().nodes().get(late.node) + "\" in the middle",
                    "The rows that stand on a source that is no PostgreSQL are brought to all targets at the first start of"
                            + " a sync, and this database has none of them.",
                    "Give it a sync of its own; or \"replicator remove\" this one, which begins anew then.");
        }
        begun |= has;
    }

    private ReplicatorException lostData(Outbox outbox, TargetState told) {
        return ReplicatorException.fatal(
                ErrorCode.NODE_LOST_DATA,
                "database \"" + state.settings().nodes().get(outbox.node) + "\" has lost transactions it held",
                "Its progress says " + told.held() + ", but " + outbox.durableHeld
                        + " had been read back from its log. It was restored from a backup, or failed over to a"
                        + " standby that was behind.",
                "Bring the database back to its latest state; its rows can no longer be trusted to be complete.");
    }

    /** With one source the targets say where its log is to be read from. */
    private void adoptCopy(Outbox outbox, SourceState copy) {
        SourceLog log = state.logs().get(0);
        log.adopt(copy);
        log.met = true;
        outbox.copiedPosition = copy.position();
        outbox.copiesDue = copy.position() < log.stored.position();
    }

    private void adopt(Outbox outbox, TargetState told) {
        for (int source = 0; source < state.logs().size(); source++) {
            take(outbox, source, told.states().get(source));
        }
        if (outbox.node < state.logs().size()) {
            take(outbox, outbox.node, told.ownState());
            state.logs().get(outbox.node).met = true;
        }
    }

    private void take(Outbox outbox, int source, SourceState stored) {
        state.logs().get(source).adopt(stored);
        state.order().resolved(source, stored.position());
        if (state.settings().has(Rule.DSTATE) && !outbox.met) {
            state.done().raise(stored.done());
        }
        state.order().raise(stored.highest());
        state.window().begunAfter(stored.highest());
    }
}
