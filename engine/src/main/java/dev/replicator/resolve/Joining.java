package dev.replicator.resolve;

import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.policy.Resolution;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings a node that was not written since the restart to where the merged order stands.
 *
 * <p>A node is not written until everything its V holds has been read again and, if it is a master, its own log as far as
 * it reached. Then one item, the first in its queue, brings it the value of every open key that it may lack: (a) its V
 * does not cover some member of the frontier that is not its own, or (b) one of its own members that is not done was
 * written over by us unseen. From there on it gets the merged order. Joins are not guarded.
 */
final class Joining {
    private final ResolverSettings settings;
    private final Window window;
    private final Delivery delivery;
    private final List<SourceLog> logs;

    Joining(ResolverSettings settings, Window window, Delivery delivery, List<SourceLog> logs) {
        this.settings = settings;
        this.window = window;
        this.delivery = delivery;
        this.logs = logs;
    }

    /** Index of the source whose log has to be read further before the node can join; -1 when it can. */
    int waitsFor(Outbox outbox) {
        if (settings.has(Rule.JOINREAD)) {
            Positions most = outbox.copied.most(outbox.startHeld);
            for (int source = 0; source < logs.size(); source++) {
                if (source != outbox.node && logs.get(source).readEnd < most.get(source)) {
                    return source;
                }
            }
        }
        boolean master = outbox.node < settings.sourceCount();
        if (master && settings.has(Rule.JOINOWN) && logs.get(outbox.node).readEnd < outbox.logEnd) {
            return outbox.node;
        }
        return -1;
    }

    /** Fills the join item of a node that has just been marked as joined. */
    void fill(Outbox outbox, Item item) {
        int node = outbox.node;
        Copied copied = outbox.copied;
        window.forEach(state -> {
            Positions held = copied.held(state.key.table(), outbox.startHeld);
            if (window.truncates(state.key.table()).isEmpty()) {
                Operation operation = state.isWhole() ? whole(state, node, held) : withGaps(state, node, held);
                if (operation != null) {
                    delivery.put(item, state, operation, 1L << node);
                }
            }
        });
        for (Table table : window.truncatedTables()) {
            truncated(outbox, item, table);
        }
        for (Bulk bulk : window.bulks()) {
            if (bulk.isLackedBy(node, outbox.startHeld)) {
                Iterable<Operation> virtual = bulk.operationsOfVirtual();
                item.stream(
                        () -> copied.lacking(virtual.iterator(), bulk.item.source, bulk.item.commitLsn),
                        bulk.size(),
                        1L << node);
                item.join(bulk);
                bulk.item.retain();
                bulk.nodes |= 1L << node;
            }
        }
    }

    private void truncated(Outbox outbox, Item item, Table table) {
        int node = outbox.node;
        Predicate<Version> lacking = uncovered(node, outbox.copied.held(table, outbox.startHeld));
        boolean sent = window.truncates(table).stream().anyMatch(t -> t.source() != node && lacking.test(t));
        if (sent) {
            item.add(Operation.truncate(table), 1L << node);
            outbox.truncating(table, 1);
        }
        window.forEach(table, state -> {
            if (!(state.resolution instanceof Resolution.Replay)) {
                Verdict value = Verdict.of(state, settings);
                if (sent ? value.leavesRow(node) : state.versions.stream().anyMatch(lacking)) {
                    delivery.put(item, state, value.operationFor(node), 1L << node);
                }
                return;
            }
            Replay now = Replay.compose(state, null);
            Operation operation = null;
            if (!now.isAbsolute()) {
                operation = now.columns(state.key, lacking, foreign(lacking, node), Operation.UNGUARDED);
            } else if (sent
                    ? now.status == Replay.Status.ROW
                    : state.versions.stream().anyMatch(lacking)) {
                operation = now.absolute(state, Operation.UNGUARDED);
            }
            if (operation != null) {
                delivery.put(item, state, operation, 1L << node);
            }
        });
    }

    private @Nullable Operation whole(KeyState state, int node, Positions held) {
        for (Version version : state.versions) {
            if (version.frontier) {
                boolean lacks = version.source() == node
                        ? !version.isDone() && settings.has(Rule.JOINOVER) && wasWrittenOver(state, version)
                        : !held.covers(version.source(), version.lsn());
                if (lacks) {
                    return state.resolution instanceof Resolution.Replay
                            ? Replay.of(state.versions, null, null).absolute(state, Operation.UNGUARDED)
                            : Verdict.of(state, settings).operationFor(node);
                }
            }
        }
        return null;
    }

    /** Whether a mark after {@code own} in its log lists the key without holding that version. */
    private static boolean wasWrittenOver(KeyState state, Version own) {
        for (KeyState.Note note : state.notes(own.source())) {
            if (note.markLsn() > own.lsn() && note.own() <= own.lsn()) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Operation withGaps(KeyState state, int node, Positions held) {
        Predicate<Version> lacking = uncovered(node, held);
        Replay now = Replay.compose(state, null);
        if (!now.isAbsolute()) {
            return now.columns(state.key, lacking, foreign(lacking, node), Operation.UNGUARDED);
        }
        return state.versions.stream().anyMatch(lacking) ? now.absolute(state, Operation.UNGUARDED) : null;
    }

    /** Increments made at the node itself are in its row whatever else is written there. */
    private static Predicate<Version> foreign(Predicate<Version> versions, int node) {
        return version -> version.source() != node && versions.test(version);
    }

    /** For rows with gaps the own entry of a master's V counts for nothing. */
    private static Predicate<Version> uncovered(int node, Positions held) {
        return version ->
                !version.isDone() && (version.source() == node || !held.covers(version.source(), version.lsn()));
    }
}
