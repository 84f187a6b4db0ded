package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.acknowledge.Settlement;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import java.util.ArrayList;
import java.util.List;

/**
 * What is stored on the sources before their logs may be forgotten, and when: when transactions have settled, once more
 * when the sync has become idle (marks that were read since), and when the log has moved on by {@link #STORE_BYTES}.
 */
final class Acknowledging {
    /** So much log may lie between what is stored and what could be, when nothing else makes a store due. */
    private static final long STORE_BYTES = 16L << 20;

    private final ResolverSettings settings;
    private final List<SourceLog> logs;
    private final List<Outbox> outboxes;
    private final Window window;
    private final Done done;
    private final Passage passage;
    /** Q as stored last. */
    private Positions storedSeen;

    Acknowledging(
            ResolverSettings settings,
            List<SourceLog> logs,
            List<Outbox> outboxes,
            Window window,
            Done done,
            Passage passage) {
        this.settings = settings;
        this.logs = logs;
        this.outboxes = outboxes;
        this.window = window;
        this.done = done;
        this.passage = passage;
        this.storedSeen = Positions.zero(logs.size());
    }

    /** States due to be stored; of a sync whose nodes have all joined. */
    List<StateToStore> statesToStore() {
        Settlement settlement = settlement();
        List<StateToStore> due = new ArrayList<>();
        if (isStoreDue(settlement)) {
            Positions seen = Positions.of(settlement.seen());
            storedSeen = settings.has(Rule.DMONO) ? storedSeen.join(done.line()).join(seen) : seen;
            for (int source = 0; source < logs.size(); source++) {
                SourceLog log = logs.get(source);
                long end = forgettable(settlement, source);
                SourceState state = state(log, end, storedSeen);
                if (state.position() > log.stored.position() && outboxes.get(source).connected) {
                    due.add(new StateToStore(source, state));
                }
            }
        }
        return due;
    }

    /**
     * With one source nothing can be stored there. What is durable at every target is stored at every target, and only
     * then acknowledged: so a slot ahead of all copies is proof of a loss here, too.
     */
    private long copiedEverywhere(SourceLog log) {
        long durable = settlement().durable(0);
        boolean settled = log.firstOpen() >= 0 && log.firstOpen() < durable;
        if (settled || durable - log.stored.position() >= STORE_BYTES) {
            SourceState state = log.stateAt(durable, Positions.zero(1));
            if (settings.resumes() && state.resume() == null) {
                return 0;
            }
            log.stored(new SourceState(
                    state.resume() == null ? durable : state.position(),
                    0,
                    Positions.zero(1),
                    MarkNumber.NONE,
                    Positions.zero(1),
                    state.resume()));
            passage.forget(0, log.stored.position());
            outboxes.subList(1, outboxes.size()).forEach(outbox -> outbox.copiesDue = true);
        }
        long everywhere = log.stored.position();
        for (Outbox outbox : outboxes.subList(1, outboxes.size())) {
            everywhere = Math.min(everywhere, outbox.copiedPosition);
        }
        return everywhere;
    }

    private long forgettable(Settlement settlement, int source) {
        if (!settings.has(Rule.DACK)) {
            return logs.get(source).readEnd;
        }
        return settings.has(Rule.ACK3) ? settlement.forgettable(source) : settlement.durable(source);
    }

    private boolean isStoreDue(Settlement settlement) {
        boolean idle = window.size() == 0;
        for (SourceLog log : logs) {
            idle &= log.firstOpen() < 0;
        }
        for (int source = 0; source < logs.size(); source++) {
            SourceLog log = logs.get(source);
            long end = forgettable(settlement, source);
            boolean settled = log.firstOpen() >= 0 && log.firstOpen() < end;
            boolean passedMarks = idle && log.markEnd > log.stored.position();
            if (settled || passedMarks || end - log.stored.position() >= STORE_BYTES) {
                return true;
            }
        }
        return false;
    }

    private SourceState state(SourceLog log, long end, Positions q) {
        SourceState full = log.stateAt(end, q);
        return new SourceState(
                full.position(),
                settings.has(Rule.STATEH) ? full.highest() : 0,
                settings.has(Rule.STATEV) ? full.held() : Positions.zero(logs.size()),
                full.lastMark(),
                full.done(),
                full.resume());
    }

    private Settlement settlement() {
        long[] ends = new long[logs.size()];
        for (int source = 0; source < ends.length; source++) {
            ends[source] = logs.get(source).readEnd;
        }
        return Settlement.of(passage, ends);
    }

    /** The state is stored durably on its source. */
    void stored(int source, SourceState state) {
        SourceLog log = logs.get(source);
        boolean news = log.firstOpen() >= 0 && log.firstOpen() < state.position();
        log.stored(state);
        passage.forget(source, log.stored.position());
        if (news) {
            outboxes.forEach(outbox -> outbox.copiesDue = true);
        }
    }

    /** The position up to which a source's slot may be confirmed now. */
    long acknowledgeable(int source) {
        SourceLog log = logs.get(source);
        return settings.isMultiMaster() ? log.stored.position() : copiedEverywhere(log);
    }
}
