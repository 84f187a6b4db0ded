package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.Reached;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Resolution;
import java.util.List;

/**
 * Takes the entries of the sources' logs into one causal order: a transaction waits until everything it was made in sight
 * of has been read; then it is resolved and put into the nodes' queues. A mark says what has become durable where it stands.
 * Thread: the resolver's.
 */
final class Merging {
    private final ResolverState state;
    private final Delivery delivery;
    private final Closing closing;
    private final Watched watched;
    private final Queues queues;
    private final Backlog backlog;

    Merging(ResolverState state, Delivery delivery, Closing closing, Watched watched, Queues queues, Backlog backlog) {
        this.state = state;
        this.delivery = delivery;
        this.closing = closing;
        this.watched = watched;
        this.queues = queues;
        this.backlog = backlog;
    }

    /** Takes the next entry of a source's log; false: it has to wait for other sources, offer it again later. */
    boolean deliver(int source, LogEntry entry) {
        SourceLog log = state.logs().get(source);
        if (entry instanceof Reached reached) {
            // Of a log that is read on from what transactions say, only they say how far that is.
            if (!state.settings().resumes()) {
                log.readEnd = Math.max(log.readEnd, reached.end());
            }
            return true;
        }
        if (entry instanceof Mark mark) {
            if (mark.commitLsn() >= log.readEnd && state.isMultiMaster()) {
                pass(source, mark);
            }
            return true;
        }
        if (state.outboxes().get(source).givenUp) {
            return false;
        }
        Transaction transaction = (Transaction) entry;
        if (transaction.commitLsn() < log.readEnd) {
            transaction.changes().close();
            return true;
        }
        if (waitsFor(source) >= 0) {
            return false;
        }
        resolve(source, transaction);
        return true;
    }

    /** The source that has to be read further before the next transaction of {@code source} can be taken, or -1. */
    int waitsFor(int source) {
        Positions held = state.logs().get(source).held;
        for (int other = 0; other < state.logs().size(); other++) {
            if (other != source
                    && state.settings().has(Rule.BARRIER)
                    && state.logs().get(other).readEnd < held.get(other)) {
                return other;
            }
        }
        return -1;
    }

    private void pass(int source, Mark mark) {
        SourceLog log = state.logs().get(source);
        Outbox outbox = state.outboxes().get(source);
        state.window().note(source, mark);
        outbox.listed(mark);
        log.pass(mark, state.settings().has(Rule.HB));
        if (mark.last()) {
            passed(outbox, outbox.pass(mark.fence(), mark.batch()), mark.commitLsn());
        }
    }

    /** Batches are durable at a node; {@code markLsn}: where the last one's mark committed, or no mark. */
    void passed(Outbox outbox, List<Outbox.Sent> batches, long markLsn) {
        if (!batches.isEmpty()) {
            Item again = closing.pass(
                    outbox,
                    batches,
                    markLsn,
                    state.order().positions(),
                    state.order().highest());
            if (again != null) {
                outbox.add(again);
            }
        }
    }

    private void resolve(int source, Transaction transaction) {
        SourceLog log = state.logs().get(source);
        MergedOrder order = state.order();
        Item item = new Item(
                source,
                transaction.commitLsn(),
                transaction.end(),
                transaction.commitMicros(),
                state.logs().size());
        item.resume = transaction.resume();
        item.retain();
        item.spillTo(backlog);
        if (state.isMultiMaster()) {
            resolveAll(item, transaction, log);
        } else {
            OneSource.operations(item, transaction.changes(), state.settings().completed());
        }
        order.resolved(source, transaction.end());
        item.positions = order.positions();
        item.highest = order.highest();
        log.passTransaction(item);
        Outbox own = state.outboxes().get(source);
        boolean idle = own.joined && !item.hasWorkFor(source) && !item.hasConflicts();
        state.passage().resolved(source, item.commitLsn, item.end, idle ? source : -1);
        for (Outbox outbox : state.outboxes()) {
            if ((outbox.joined || !state.isMultiMaster()) && !outbox.givenUp) {
                if (outbox != own || !idle) {
                    outbox.add(item);
                }
            }
        }
        item.release();
        queues.relieve();
    }

    private void resolveAll(Item item, Transaction transaction, SourceLog log) {
        ResolverSettings settings = state.settings();
        long h = log.tick(transaction.commitMicros());
        state.order().raise(h);
        Changes changes = transaction.changes();
        if (changes.memoryBytes() == 0 && changes.size() > 0) {
            watched.changed(item.source, item.commitLsn);
            delivery.bulk(item, new Bulk(item, changes, h, log.held, state.done(), settings));
            delivery.judge(item);
            return;
        }
        int seq = 0;
        for (Change change : changes) {
            if (!watched.isEmpty() && watched.has(change.table().name())) {
                watched.changed(item.source, item.commitLsn);
            }
            Resolution resolution = settings.resolution(change.table());
            delivery.enter(
                    item,
                    new Version(item, delivery.whole(item, change), seq++, h, log.held, state.done(), resolution));
        }
        delivery.judge(item);
        changes.close();
    }
}
