package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Key;
import dev.replicator.model.LogEntry;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import dev.replicator.model.Row;
import dev.replicator.model.RowExplanation;
import dev.replicator.model.SourceState;
import dev.replicator.model.TableName;
import dev.replicator.policy.Exceptional;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Merges the logs of all sources of one sync and says what every node has to write.
 *
 * <p>Guarantees, as long as the logs last: every node gets every transaction whole and once, in one causal order; once
 * writing stops all masters hold equal rows; what is discarded is recorded. Nothing depends on this object's memory: a new
 * one, fed from the stored positions, decides the same.
 *
 * <p>Owned by one thread, which also passes on what sessions and readers report. Entries of one source come in log order;
 * an entry that cannot be taken yet is offered again. All positions are exclusive ends. A sync with one source has no
 * window and no marks: {@link OneSource}.
 */
public final class Resolver {
    private final ResolverSettings settings;
    private final List<SourceLog> logs = new ArrayList<>();
    private final List<Outbox> outboxes = new ArrayList<>();
    private final Backlog backlog;
    private final Queues queues;
    private final Window window;
    private final Conflicts conflicts;
    private final Delivery delivery;
    private final Closing closing;
    private final Joining joining;
    private final Batching batching;
    private final Acknowledging acknowledging;
    private final Passage passage;
    private final Clashes clashes;
    private final Watched watched;

    private final MergedOrder order;
    private final Merging merging;
    private final Meeting meeting;

    private boolean allJoined;

    public Resolver(ResolverSettings settings) {
        this.settings = settings;
        int sources = settings.sourceCount();
        for (int node = 0; node < settings.nodes().size(); node++) {
            outboxes.add(new Outbox(node, sources));
        }
        for (int source = 0; source < sources; source++) {
            logs.add(new SourceLog(source, sources));
        }
        if (!settings.isMultiMaster()) {
            outboxes.get(0).joined = true;
        }
        Done done = new Done(sources);
        backlog = new Backlog(settings.memory());
        queues = new Queues(outboxes, backlog, settings.memory().queueBytes());
        window = new Window(settings, done, backlog);
        conflicts = new Conflicts(settings);
        delivery = new Delivery(settings, window, outboxes, conflicts);
        passage = new Passage(sources, outboxes.size());
        clashes = new Clashes(settings, window);
        watched = new Watched(window, logs, outboxes);
        closing = new Closing(settings, window, delivery, outboxes, passage);
        joining = new Joining(settings, window, delivery, logs);
        batching = new Batching(settings, logs, passage);
        acknowledging = new Acknowledging(settings, logs, outboxes, window, done, passage);
        order = new MergedOrder(sources);
        ResolverState state = new ResolverState(settings, logs, outboxes, window, passage, done, order);
        merging = new Merging(state, delivery, closing, watched, queues, backlog);
        meeting = new Meeting(state, merging);
    }

    /** Gives up what it holds in files; it is of no use any more. */
    public void close() {
        window.close();
        backlog.close();
    }

    // ---------------------------------------------------------------- sessions

    /** A target session has taken the fence and read the progress: the first one, or a new one after a loss. */
    public void connected(int node, TargetState state) {
        meeting.connected(outboxes.get(node), state);
    }

    /** The session is gone; whether a batch in flight was committed is unknown until {@link #connected}. */
    public void disconnected(int node) {
        outboxes.get(node).connected = false;
    }

    /** Where the source's log is to be read from; 0: from where its slot stands; -1: not known yet. */
    public long startPosition(int source) {
        SourceLog log = logs.get(source);
        // Before it begins to read a log that begins with all rows, everybody has to say whether that was done before.
        boolean asked = !settings.resumes()
                || log.readEnd > 0
                || outboxes.stream().allMatch(outbox -> outbox.met || outbox.node == source);
        return log.met && asked ? log.readEnd : -1;
    }

    /** The furthest end of a transaction of the source that a node held when it was met; 0: none. */
    public long furthestHeld(int source) {
        return outboxes.stream()
                .filter(outbox -> outbox.met && outbox.node != source)
                .mapToLong(outbox -> outbox.startHeld.get(source))
                .max()
                .orElse(0);
    }

    /** What a source's log is read on from at {@link #startPosition}, where that alone does not tell; else null. */
    public @Nullable Resume resume(int source) {
        return logs.get(source).resume;
    }

    /** Number of the last mark below {@link #startPosition}: read from there, only marks above it count. */
    public MarkNumber lastMark(int source) {
        return logs.get(source).lastMark;
    }

    // ---------------------------------------------------------------- reading

    /** Takes the next entry of a source's log; false: it has to wait for other sources, offer it again later. */
    public boolean deliver(int source, LogEntry entry) {
        return merging.deliver(source, entry);
    }

    /**
     * Rows that only one master has, since the last call: they moved to another key there, and a large value that did not
     * change is not in the log. That master has to write the columns that the row lacks once more, as they stand there.
     * It has to be done before {@link #statesToStore} of that master are stored.
     */
    public void takeLostMoves(ObjIntConsumer<Row> todo) {
        delivery.takeLostMoves(todo);
    }

    /** The source that has to be read further before the next transaction of {@code source} can be taken, or -1. */
    public int waitsFor(int source) {
        return merging.waitsFor(source);
    }

    // ---------------------------------------------------------------- writing

    /** The next batch for a node, of whole transactions, about {@code maxRows} rows; null: nothing to write now. */
    public @Nullable Batch nextBatch(int node, int maxRows) {
        Outbox outbox = outboxes.get(node);
        if (outbox.connected && !outbox.joined && joining.waitsFor(outbox) < 0) {
            join(outbox);
        }
        return batching.next(outbox, maxRows, order.highest());
    }

    private void join(Outbox outbox) {
        outbox.joined = true;
        Item item = new Item(-1, 0, 0, 0, logs.size());
        item.retain();
        item.spillTo(backlog);
        item.covered = passage.open(outbox.node);
        joining.fill(outbox, item);
        item.positions = order.positions().join(outbox.startHeld);
        item.highest = order.highest();
        conflicts.forJoiner().forEach(item::discard);
        if (item.rows() > 0 || passage.isOpen(outbox.node) || item.hasConflicts()) {
            outbox.add(item);
        }
        item.release();
        if (outboxes.stream().allMatch(each -> each.joined)) {
            allJoined = true;
            conflicts.allJoined();
        }
        if (closing.mayClose()) {
            closing.closeAll();
        }
    }

    /** The batch is committed. (Whether it lasts is told by its mark, or by {@link #durable}.) */
    public void written(int node, long batch, WriteResult result) {
        outboxes.get(node).written(batch);
    }

    /**
     * A change was put aside at a node because another row there has the same unique value: what is to be done about it
     * on which master (-1: on the one where the row stands as it was refused), given to {@code todo}. False: what is open
     * does not tell.
     */
    public boolean refused(int node, Refusal refusal, ObjIntConsumer<Correction> todo) {
        Clashes.Decided decided = settings.isMultiMaster() ? clashes.judge(node, refusal) : null;
        if (decided != null) {
            todo.accept(decided.correction(), decided.master());
        }
        return decided != null;
    }

    /** A refused change with what is known of where its rows come from. */
    public Exceptional exceptional(int node, Refusal refusal) {
        return clashes.exceptional(node, refusal);
    }

    /** Makes a batch due at a node even if nothing waits for it: there is something to be tried again. */
    public void nudge(int node) {
        outboxes.get(node).copiesDue = true;
    }

    /** The batch was rolled back for certain and the session goes on. */
    public void failed(int node, long batch) {
        outboxes.get(node).failed(batch);
    }

    /** Receive-only targets: this batch of the present session, and all before it, would survive a crash. */
    public void durable(int node, long batch) {
        Outbox outbox = outboxes.get(node);
        merging.passed(outbox, outbox.pass(outbox.fence, batch), Passage.NO_MARK);
    }

    // ---------------------------------------------------------------- memory

    /** Whether files take more than they may. */
    public boolean isDiskSpent() {
        return backlog.bytes() + window.fileBytes() > settings.memory().diskBytes();
    }

    /**
     * Gives up a node that is away: what waits for it is dropped, and the others go on without it. Nothing that it lacks is
     * acknowledged, so the logs keep everything. Its own log is read no further, for what it would change can be compared
     * only with what is dropped. When it returns, a new resolver has to begin from what is stored.
     */
    public void giveUp(int node) {
        outboxes.get(node).giveUp();
        passage.leaveOut(node);
        window.leaveOut(node);
        if (settings.isMultiMaster() && closing.mayClose()) {
            closing.closeAll();
        }
    }

    /** Whether the node was given up. */
    public boolean isGivenUp(int node) {
        return outboxes.get(node).givenUp;
    }

    /** Why more is in memory than should be, so that the sources are to be read no further; null: it is not. */
    public @Nullable ReplicatorException spillFailure() {
        return queues.failure() != null ? queues.failure() : window.failure();
    }

    /** Tries again what has failed so. */
    public void spillAgain() {
        queues.retry();
        window.retry();
    }

    // ---------------------------------------------------------------- changing policies

    /** Tables whose conflicts are to be decided otherwise from now on; none: nothing is to change. */
    public void watch(Set<TableName> tables) {
        watched.tables(tables);
    }

    /**
     * Whether nothing is left of the watched tables that this resolver, or a later one, might have to decide: no key of
     * theirs is open, and the logs will not be read again from before their last change.
     */
    public boolean isClosed() {
        return allJoined && watched.isClosed();
    }

    // ---------------------------------------------------------------- acknowledging

    /** States due to be stored on their sources. An idle sync is silent. */
    public List<StateToStore> statesToStore() {
        return settings.isMultiMaster() && allJoined ? acknowledging.statesToStore() : List.of();
    }

    /** The state is stored durably on its source. */
    public void stored(int source, SourceState state) {
        acknowledging.stored(source, state);
    }

    /**
     * The position up to which a source's slot may be confirmed now: with several sources never ahead of what is stored
     * on it, with one of what is stored at every target, so that a slot found ahead is proof of a loss.
     */
    public long acknowledgeable(int source) {
        return acknowledging.acknowledgeable(source);
    }

    // ---------------------------------------------------------------- status

    public boolean joined(int node) {
        return outboxes.get(node).joined;
    }

    /** Why a node that is connected is not written, in words; null when it is. */
    public @Nullable String waitReason(int node) {
        Outbox outbox = outboxes.get(node);
        int source = outbox.joined ? -1 : joining.waitsFor(outbox);
        if (source < 0) {
            return null;
        }
        return source == node
                ? "reads its own log again as far as it reached at the start"
                : "waits until the log of \"" + settings.nodes().get(source) + "\" has been read as far as it holds it";
    }

    /** Ends of the newest transactions that have been resolved, by source; the items queued last hold all of them. */
    public Positions positions() {
        return order.positions();
    }

    /** How far the source's log has been read. */
    public long readEnd(int source) {
        return logs.get(source).readEnd;
    }

    /** V of what is known to be durable at a node. */
    public Positions durableHeld(int node) {
        return outboxes.get(node).durableHeld;
    }

    /** Whether what goes back to a master because of its own changes below {@code position} is still on its way. */
    public boolean isReturning(int master, long position) {
        return outboxes.get(master).isReturning(position);
    }

    public long waitingItems(int node) {
        return outboxes.get(node).waitingItems();
    }

    public long waitingBytes(int node) {
        return outboxes.get(node).waitingBytes();
    }

    /** Heap that what waits for a node takes, and what it was sent and is not known to last there. */
    long memoryBytes(int node) {
        return outboxes.get(node).memoryBytes() + outboxes.get(node).sentBytes();
    }

    /** Commit time of the oldest transaction that waits for a node, microseconds since 1970; 0 when none waits. */
    public long oldestWaitingMicros(int node) {
        Item oldest = outboxes.get(node).oldestWaiting();
        return oldest == null ? 0 : oldest.oldestMicros;
    }

    /** Keys whose versions are not closed. */
    public int openKeys() {
        return window.size();
    }

    /** What is open of a key; empty: nothing is, every database holds what there is. */
    public Optional<RowExplanation> explain(Key key) {
        KeyState state = settings.isMultiMaster() ? window.get(key) : null;
        return state == null ? Optional.empty() : Optional.of(new Explaining(settings, outboxes, state).explanation());
    }

    /** The open keys with what keeps them open: for a report of a broken invariant. */
    String openKeysInWords() {
        StringBuilder text = new StringBuilder();
        window.forEach(state -> text.append(state.key)
                .append(" pending ")
                .append(java.util.Arrays.toString(state.pending))
                .append(" versions ")
                .append(state.versions)
                .append("; "));
        return text.append(passage).toString();
    }

    /** Whether everything read so far is durable at every node that was met. */
    public boolean isSettled() {
        return outboxes.stream().noneMatch(outbox -> passage.isOpen(outbox.node)) && passage.isSettled();
    }
}
