package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is sent where: enters versions into the window and says which node needs what.
 *
 * <p>The value of a key is a function of its open versions as a set: here, under {@code latest}, the replay of them in
 * version order. A change is compared by the replay without and with it. If the last reset changed, the whole state goes
 * to every other node; else the columns in which the change is the newest carrier. Its own node gets the state too where
 * something of ours was, or will be, written over the change; always guarded, so that a busy local writer is not
 * overwritten by its own older versions.
 */
final class Delivery {
    private final ResolverSettings settings;
    private final Window window;
    private final List<Outbox> outboxes;
    private final Conflicts conflicts;
    private final Deciding deciding;
    /** Keys of the transaction being entered that other versions are open for, to be judged at its end. */
    private final Set<Key> contested = new LinkedHashSet<>();
    /** The same for keys whose policy decides, with what it decided last. */
    private final Map<Key, Verdict> verdicts = new LinkedHashMap<>();

    private final Moves moves = new Moves();

    Delivery(ResolverSettings settings, Window window, List<Outbox> outboxes, Conflicts conflicts) {
        this.settings = settings;
        this.window = window;
        this.outboxes = outboxes;
        this.conflicts = conflicts;
        this.deciding = new Deciding(settings, conflicts, this);
    }

    /** Enters one change, of a key or of a whole table. */
    void enter(Item item, Version version) {
        if (version.isTruncate()) {
            truncate(item, version);
        } else {
            change(item, version);
        }
    }

    /**
     * Records what lost by a transaction or in it, once all of its changes are entered: a row that it deletes and inserts
     * again is one change, of which the last part counts.
     */
    void judge(Item item) {
        for (Key key : contested) {
            // It may have left memory since.
            KeyState state = window.get(key);
            if (state != null) {
                conflicts.judge(item, state);
            }
        }
        contested.clear();
        verdicts.forEach((key, verdict) -> {
            KeyState state = window.get(key);
            if (state != null) {
                conflicts.judge(item, state, verdict);
            }
        });
        verdicts.clear();
    }

    /** Enters one change of a key and puts what follows into its item. */
    private void change(Item item, Version version) {
        KeyState state = window.open(version.change.requireKey());
        if (version.change.kind() == ChangeKind.DELETE) {
            moves.deleting(state, version);
        }
        if (!(state.resolution instanceof Resolution.Replay)) {
            boolean comparing = !settings.has(Rule.ALWAYS) && !state.versions.isEmpty();
            Verdict before = comparing ? Verdict.of(state, settings) : null;
            enter(state, version);
            verdicts.put(state.key, deciding.change(item, state, version, before));
            return;
        }
        enter(state, version);
        if (state.versions.size() > 1) {
            contested.add(state.key);
        }
        Replay after = Replay.compose(state, null);
        Replay before = Replay.compose(state, version);
        Key from = version.change.movedFrom();
        if (from != null && !version.isReset()) {
            movedWithGaps(item, state, version, after, from);
        }
        Operation sent = difference(state, version, before, after);
        if (sent != null) {
            put(item, state, sent, othersThan(item.source));
        }
        toOwnNode(item, state, version, after, sent);
    }

    /** Also of a version that is done: that it was written again is known from its own master's stored position only. */
    private void movedWithGaps(Item item, KeyState state, Version version, Replay after, Key from) {
        if (after.status == Replay.Status.NONE && !version.isDone()) {
            conflicts.lostMove(item, state, version, from);
        }
        if (settings.has(Rule.REWRITE)) {
            moves.lost(item.source, version.change.requireRow());
        }
    }

    /** Enters a transaction that is too large for memory; what cannot stay virtual is entered the ordinary way. */
    void bulk(Item item, Bulk bulk) {
        bulk.nodes = bulk.isDone() ? 0 : joined(othersThan(item.source));
        item.bulk = bulk;
        window.open(bulk);
        int number = 0;
        for (Change change : bulk.changes()) {
            if (canStayVirtual(change)) {
                bulk.add(change.requireKey(), number);
            } else {
                bulk.explicit(number);
                enter(item, bulk.version(whole(item, change), number));
            }
            number++;
        }
        item.stream(bulk.operations(), bulk.size(), bulk.nodes);
        item.keep(bulk.changes());
    }

    private boolean canStayVirtual(Change change) {
        Key key = change.key();
        return key != null
                && change.isWhole()
                && window.isFree(key)
                && outboxes.stream().noneMatch(outbox -> outbox.isTruncating(change.table()));
    }

    private void enter(KeyState state, Version version) {
        List<Version> seen = new ArrayList<>(0);
        for (Version other : state.versions) {
            if (other.frontier && isSeen(state, version, other)) {
                other.frontier = false;
                seen.add(other);
            }
        }
        version.frontier = true;
        state.insert(version);
        window.closing(version);
        if (state.isWhole()) {
            // Of whole rows only the frontier is kept: a version seen by another leaves at once.
            state.versions.removeAll(seen);
        }
        state.trimNotes(version.source());
    }

    private boolean isSeen(KeyState state, Version version, Version other) {
        if (!settings.has(Rule.BURY) && version.source() == other.source()) {
            return true;
        }
        return Seen.seen(state, version, other);
    }

    private static @Nullable Operation difference(KeyState state, Version version, Replay before, Replay after) {
        if (after.isAbsolute() && (!before.isAbsolute() || before.reset != after.reset)) {
            return after.absolute(state, Operation.UNGUARDED);
        }
        if (after.status == Replay.Status.NONE) {
            return null;
        }
        Predicate<Version> itself = other -> other == version;
        return after.columns(state.key, itself, itself, Operation.UNGUARDED);
    }

    private void toOwnNode(Item item, KeyState state, Version version, Replay after, @Nullable Operation sent) {
        int own = item.source;
        long self = 1L << own;
        long guard = guard(state, after, own, item.commitLsn);
        boolean absolute = sent != null && sent.kind() != Operation.Kind.UPDATE;
        if (!isPending(own, state)) {
            boolean mixed = absolute && after.status == Replay.Status.ROW && !after.isExactly(version);
            if ((mixed && settings.has(Rule.MIX))
                    || (settings.has(Rule.NOOP) && sent == null && lostAgainstDelete(version, after))) {
                put(item, state, after.absolute(state, guard), self);
            }
        } else if (sent != null && absolute) {
            if (settings.has(Rule.ECHO)) {
                put(item, state, sent.withGuard(guard), self);
            }
        } else if (after.status == Replay.Status.NONE) {
            if (settings.has(Rule.NOOP) && lostAgainstDelete(version, after)) {
                put(item, state, after.absolute(state, guard), self);
            }
        } else if (sent != null) {
            boolean whole =
                    settings.has(Rule.ABSECHO) && after.status == Replay.Status.ROW && isResetPending(own, state);
            if (whole) {
                put(item, state, after.absolute(state, guard), self);
            } else if (settings.has(Rule.ECHO)) {
                // Its increments are in the row already.
                put(item, state, after.columns(state.key, other -> other == version, other -> false, guard), self);
            }
        }
    }

    /**
     * The guard of what goes back to a change's own node. Of whole rows only the node's own values are guarded: after a
     * crash nothing would say that another node's value was skipped. For rows with gaps joining makes up for that.
     */
    private static long guard(KeyState state, Replay after, int own, long lsn) {
        Version reset = after.reset;
        boolean foreign = state.isWhole() && reset != null && reset.source() != own;
        return foreign ? Operation.UNGUARDED : lsn;
    }

    private static boolean lostAgainstDelete(Version version, Replay after) {
        return after.status == Replay.Status.NONE && version.makesRow();
    }

    /** Enters a TRUNCATE, under every open key of its table. */
    private void truncate(Item item, Version truncate) {
        Table table = truncate.change.table();
        boolean replayed = settings.resolution(table) instanceof Resolution.Replay;
        boolean newest = !replayed || window.truncates(table).stream().allMatch(other -> other.compareTo(truncate) < 0);
        window.enter(truncate);
        long others = newest ? joined(othersThan(item.source)) : 0;
        if (others != 0) {
            item.add(Operation.truncate(table), others);
            forEachNode(others, outbox -> outbox.truncating(table, 1));
        }
        window.forEach(table, state -> {
            if (!replayed) {
                truncateDecided(item, state, truncate);
                return;
            }
            Replay before = Replay.compose(state, null);
            if (settings.has(Rule.TWIN)) {
                truncateKey(state, truncate);
                conflicts.judge(item, state);
            }
            if (newest) {
                sendSurvivor(item, state, before, others);
            }
        });
    }

    private static void truncateKey(KeyState state, Version truncate) {
        for (Version other : state.versions) {
            if (other.frontier && Seen.seen(state, truncate, other)) {
                other.frontier = false;
            }
        }
        state.insert(truncate);
    }

    private void truncateDecided(Item item, KeyState state, Version truncate) {
        if (settings.has(Rule.TWIN)) {
            truncateKey(state, truncate);
        }
        deciding.truncated(item, state, truncate);
    }

    private void sendSurvivor(Item item, KeyState state, Replay before, long others) {
        Replay now = Replay.compose(state, null);
        boolean changed = now.isAbsolute() && (before.reset != now.reset || before.status != now.status);
        if (now.status == Replay.Status.ROW && settings.has(Rule.TREWRITE)) {
            put(item, state, now.absolute(state, Operation.UNGUARDED), others);
        }
        if (changed && isPending(item.source, state) && settings.has(Rule.ECHO)) {
            put(item, state, now.absolute(state, item.commitLsn), 1L << item.source);
        }
    }

    /**
     * The value of a key whose guarded operation was skipped at a node, taken afresh: guarded again if a change of that
     * node newer than what the skipped operation knew has been resolved, otherwise without a guard. Null: nothing to say.
     */
    @Nullable
    Operation afresh(KeyState state, int node, long skippedGuard) {
        Replay now = Replay.compose(state, null);
        long newest = 0;
        for (Version version : state.versions) {
            if (version.source() == node) {
                newest = Math.max(newest, version.lsn());
            }
        }
        long guard = newest > skippedGuard ? guard(state, now, node, newest) : Operation.UNGUARDED;
        return now.isAbsolute()
                ? now.absolute(state, guard)
                : now.columns(state.key, other -> true, other -> false, guard);
    }

    /** Adds an operation for those of {@code nodes} that have joined; the others get it by joining. */
    void put(Item item, KeyState state, @Nullable Operation operation, long nodes) {
        long mask = joined(nodes);
        if (operation != null && mask != 0) {
            item.add(operation, mask);
            count(state, operation, mask, 1);
        }
    }

    /** Counts an operation as on its way to the masters in {@code mask}, or as passed. */
    void count(KeyState state, Operation operation, long mask, int by) {
        for (int master = 0; master < settings.sourceCount(); master++) {
            if ((mask >>> master & 1) != 0) {
                state.pending[master] += by;
                if (operation.kind() != Operation.Kind.UPDATE) {
                    state.pendingResets[master] += by;
                }
            }
        }
    }

    boolean isPending(int node, KeyState state) {
        return state.pending[node] > 0 || outboxes.get(node).isTruncating(state.key.table());
    }

    private boolean isResetPending(int node, KeyState state) {
        return state.pendingResets[node] > 0 || outboxes.get(node).isTruncating(state.key.table());
    }

    long othersThan(int node) {
        return ((1L << outboxes.size()) - 1) & ~(1L << node);
    }

    private long joined(long nodes) {
        long mask = nodes;
        for (Outbox outbox : outboxes) {
            if (!outbox.joined) {
                mask &= ~(1L << outbox.node);
            }
        }
        return mask;
    }

    private void forEachNode(long mask, java.util.function.Consumer<Outbox> action) {
        for (Outbox outbox : outboxes) {
            if ((mask >>> outbox.node & 1) != 0) {
                action.accept(outbox);
            }
        }
    }

    /** Rows that moved with gaps since the last call, and the master that has to write each again. */
    void takeLostMoves(ObjIntConsumer<Row> todo) {
        moves.takeLost(todo);
    }

    /** The change a version is to be made of: of a row that moves with gaps the whole, as far as it is known. */
    Change whole(Item item, Change change) {
        return moves.complete(item, change);
    }
}
