package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What follows when a node has batches durably: items pass, skipped keys are taken afresh, versions close.
 *
 * <p>The order matters. First everything passes, then what guards skipped is queued again (and its transactions count as
 * not durable again), and only then is anything closed.
 */
final class Closing {
    private final ResolverSettings settings;
    private final Window window;
    private final Delivery delivery;
    private final List<Outbox> outboxes;
    private final Passage passage;

    Closing(ResolverSettings settings, Window window, Delivery delivery, List<Outbox> outboxes, Passage passage) {
        this.settings = settings;
        this.window = window;
        this.delivery = delivery;
        this.outboxes = outboxes;
        this.passage = passage;
    }

    /**
     * Batches are durable at a node; {@code markLsn} is where the last one's mark committed, or no mark. Returns an item
     * with what is to be sent again, or null.
     */
    @Nullable
    Item pass(Outbox outbox, List<Outbox.Sent> batches, long markLsn, Positions positions, long highest) {
        Positions upTo = null;
        for (Outbox.Sent batch : batches) {
            for (Item item : batch.items) {
                upTo = item.positions;
                passOperations(outbox, item);
            }
        }
        if (outbox.isEmpty()) {
            upTo = positions;
        }
        if (upTo != null) {
            passage.passed(outbox.node, upTo, markLsn);
        }
        for (Outbox.Sent batch : batches) {
            for (Item item : batch.items) {
                if (item.covered != null && item.isAgain) {
                    passage.settled(outbox.node, item.covered, markLsn);
                }
            }
        }
        Item again = settings.has(Rule.RESEND) ? skipped(outbox, batches, positions, highest) : null;
        if (mayClose()) {
            closeVersions();
            for (Outbox.Sent batch : batches) {
                batch.items.forEach(item -> closeKeys(outbox, item));
            }
            closeTruncates();
        }
        for (Outbox.Sent batch : batches) {
            batch.items.forEach(Item::release);
        }
        return again;
    }

    private void passOperations(Outbox outbox, Item item) {
        if (item.bulk != null) {
            item.bulk.pass(outbox.node, window);
        }
        item.joinedBulks.forEach(bulk -> bulk.pass(outbox.node, window));
        boolean master = outbox.node < settings.sourceCount();
        for (Iterator<Operation> each = item.countedFor(outbox.node); each.hasNext(); ) {
            Operation operation = each.next();
            if (operation.kind() == Operation.Kind.TRUNCATE) {
                outbox.truncating(operation.table(), -1);
            } else if (master) {
                KeyState state = window.get(operation.requireKey());
                if (state != null) {
                    delivery.count(state, operation, 1L << outbox.node, -1);
                }
            }
        }
    }

    /** Closes what the passed operations of an item alone kept open. */
    private void closeKeys(Outbox outbox, Item item) {
        if (outbox.node >= settings.sourceCount()) {
            return;
        }
        if (item.bulk != null) {
            item.bulk.forEachReal(this::close);
        }
        item.joinedBulks.forEach(bulk -> bulk.forEachReal(this::close));
        for (Iterator<Operation> each = item.countedFor(outbox.node); each.hasNext(); ) {
            Key key = each.next().key();
            if (key != null) {
                close(key);
            }
        }
    }

    private void close(Key key) {
        KeyState state = window.get(key);
        if (state != null) {
            close(state);
        }
    }

    /** An item with the fresh value of every key that guards skipped, or null; its node has to have it like any other. */
    private @Nullable Item skipped(Outbox outbox, List<Outbox.Sent> batches, Positions positions, long highest) {
        Map<Key, Long> skipped = new HashMap<>();
        long[] from = new long[settings.sourceCount()];
        Arrays.fill(from, Long.MAX_VALUE);
        for (Outbox.Sent batch : batches) {
            batch.guards.forEach((key, guard) -> {
                if (!batch.listed.contains(key.hash())) {
                    skipped.put(key, guard);
                    batch.items.forEach(item -> reopen(outbox, from, item, key));
                }
            });
        }
        if (skipped.isEmpty()) {
            return null;
        }
        Item again = new Item(-1, 0, 0, 0, settings.sourceCount());
        again.positions = positions;
        again.highest = highest;
        again.returns = Collections.min(skipped.values());
        for (Map.Entry<Key, Long> entry : skipped.entrySet()) {
            KeyState state = window.get(entry.getKey());
            Operation operation = state == null ? null : delivery.afresh(state, outbox.node, entry.getValue());
            if (state != null && operation != null) {
                delivery.put(again, state, operation, 1L << outbox.node);
            }
        }
        if (!again.hasCounted()) {
            return null;
        }
        again.isAgain = true;
        again.covered = new Passage.Reopened(from);
        passage.reopen(outbox.node, again.covered);
        return again;
    }

    /** The transactions that an item of a skipped batch stands for pass once more, if it concerns the key. */
    private static void reopen(Outbox outbox, long[] from, Item holder, Key key) {
        if (!holder.concerns(key, outbox.node)) {
            return;
        }
        if (holder.source >= 0) {
            from[holder.source] = Math.min(from[holder.source], holder.commitLsn);
        } else if (holder.covered != null) {
            for (int source = 0; source < from.length; source++) {
                from[source] = Math.min(from[source], holder.covered.from()[source]);
            }
        }
    }

    /** What has passed at every master since is closed if nothing else holds its key open. */
    private void closeVersions() {
        for (int source = 0; source < settings.sourceCount(); source++) {
            window.passed(source, passage.closed(source), this::close);
        }
    }

    private void close(KeyState state) {
        if (!stays(state)) {
            window.close(state);
        }
    }

    private boolean stays(KeyState state) {
        return settings.has(Rule.CLOSE) && (!mayClose() || window.isHeld(state));
    }

    boolean mayClose() {
        if (settings.has(Rule.KEEPJOIN)) {
            for (Outbox outbox : outboxes) {
                if (!outbox.joined && !outbox.givenUp) {
                    return false;
                }
            }
        }
        return true;
    }

    private void closeTruncates() {
        List<Table> freed = window.closeTruncates(truncate -> {
            for (int master = 0; master < settings.sourceCount(); master++) {
                if (outboxes.get(master).isTruncating(truncate.change.table())) {
                    return true;
                }
            }
            return window.isOpen(truncate);
        });
        for (Table table : freed) {
            window.retain(state -> !state.key.table().equals(table) || stays(state));
        }
    }

    /** The last node has joined: what passed before may close now. */
    void closeAll() {
        closeVersions();
        window.retain(this::stays);
        closeTruncates();
    }
}
