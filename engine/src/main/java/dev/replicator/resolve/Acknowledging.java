package dev.replicator.resolve;

import dev.replicator.acknowledge.Settlement;
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
    /** Q as stored last. */
    private Positions storedSeen;

    Acknowledging(ResolverSettings settings, List<SourceLog> logs, List<Outbox> outboxes, Window window, Done done) {
        this.settings = settings;
        this.logs = logs;
        this.outboxes = outboxes;
        this.window = window;
        this.done = done;
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
                if (end > log.stored.position() && outboxes.get(source).connected) {
                    due.add(new StateToStore(source, state(log, end, storedSeen)));
                }
            }
        }
        return due;
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
            idle &= log.open.isEmpty();
        }
        for (int source = 0; source < logs.size(); source++) {
            SourceLog log = logs.get(source);
            long end = forgettable(settlement, source);
            boolean settled = !log.open.isEmpty() && log.open.peekFirst().commitLsn < end;
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
                end,
                settings.has(Rule.STATEH) ? full.highest() : 0,
                settings.has(Rule.STATEV) ? full.held() : Positions.zero(logs.size()),
                full.done());
    }

    private Settlement settlement() {
        long[] ends = new long[logs.size()];
        for (int source = 0; source < ends.length; source++) {
            ends[source] = logs.get(source).readEnd;
        }
        return Settlement.of(logs.stream().map(log -> log.open).toList(), ends);
    }

    /** The state is stored durably on its source. */
    void stored(int source, SourceState state) {
        SourceLog log = logs.get(source);
        boolean news = !log.open.isEmpty() && log.open.peekFirst().commitLsn < state.position();
        log.stored(state);
        if (news) {
            outboxes.forEach(outbox -> outbox.copiesDue = true);
        }
    }

    /** The position up to which a source's slot may be confirmed now. */
    long acknowledgeable(int source) {
        SourceLog log = logs.get(source);
        if (!settings.isMultiMaster()) {
            long durable = settlement().durable(0);
            log.stored(new SourceState(durable, 0, Positions.zero(1), Positions.zero(1)));
        }
        return log.stored.position();
    }
}
