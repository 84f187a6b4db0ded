package dev.replicator.resolve;

import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import java.util.ArrayList;
import java.util.HashMap;
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

    Closing(ResolverSettings settings, Window window, Delivery delivery, List<Outbox> outboxes) {
        this.settings = settings;
        this.window = window;
        this.delivery = delivery;
        this.outboxes = outboxes;
    }

    /** Batches are durable at a node; {@code markLsn} is where the last one's mark committed, or no mark. */
    @Nullable
    Item pass(Outbox outbox, List<Outbox.Sent> batches, long markLsn, Positions positions, long highest) {
        List<Item> touched = new ArrayList<>();
        List<KeyState> keys = new ArrayList<>();
        for (Outbox.Sent batch : batches) {
            for (Item item : batch.items) {
                passOne(outbox, item, markLsn, touched);
                passOperations(outbox, item, keys);
            }
        }
        Item again = settings.has(Rule.RESEND) ? skipped(outbox, batches, positions, highest) : null;
        if (allJoined() || !settings.has(Rule.KEEPJOIN)) {
            for (Item item : touched) {
                closeVersions(item);
            }
            keys.forEach(this::close);
            closeTruncates();
        }
        for (Outbox.Sent batch : batches) {
            for (Item item : batch.items) {
                item.release();
                item.covers.forEach(Item::release);
            }
        }
        return again;
    }

    private static void passOne(Outbox outbox, Item item, long markLsn, List<Item> touched) {
        mark(outbox, item, markLsn, touched);
        for (Item covered : item.covers) {
            mark(outbox, covered, markLsn, touched);
        }
    }

    private static void mark(Outbox outbox, Item item, long markLsn, List<Item> touched) {
        boolean wasOpen = (item.need & item.masters()) != 0;
        item.need &= ~(1L << outbox.node);
        if (outbox.node < item.markAt.length) {
            item.markAt[outbox.node] = markLsn;
        }
        if (wasOpen && (item.need & item.masters()) == 0) {
            item.closing = true;
            touched.add(item);
        }
    }

    private void passOperations(Outbox outbox, Item item, List<KeyState> keys) {
        if (item.bulk != null) {
            keys.addAll(item.bulk.pass(outbox.node));
        }
        item.joinedBulks.forEach(bulk -> keys.addAll(bulk.pass(outbox.node)));
        boolean master = outbox.node < settings.sourceCount();
        for (int at = 0; at < item.size(); at++) {
            if (!item.isFor(at, outbox.node)) {
                continue;
            }
            Operation operation = item.operation(at);
            if (operation.kind() == Operation.Kind.TRUNCATE) {
                outbox.truncating(operation.table(), -1);
            } else if (master) {
                KeyState state = window.get(operation.requireKey());
                if (state != null) {
                    delivery.count(state, operation, 1L << outbox.node, -1);
                    keys.add(state);
                }
            }
        }
    }

    /** An item with the fresh value of every key that guards skipped, or null; its node has to have it like any other. */
    private @Nullable Item skipped(Outbox outbox, List<Outbox.Sent> batches, Positions positions, long highest) {
        Map<Key, Long> skipped = new HashMap<>();
        List<Item> holders = new ArrayList<>();
        for (Outbox.Sent batch : batches) {
            batch.guards.forEach((key, guard) -> {
                if (!batch.listed.contains(key.hash())) {
                    skipped.put(key, guard);
                    holders.addAll(batch.items);
                }
            });
        }
        if (skipped.isEmpty()) {
            return null;
        }
        Item again = new Item(-1, 0, 0, 0, settings.sourceCount());
        again.positions = positions;
        again.highest = highest;
        again.need = 1L << outbox.node;
        for (Map.Entry<Key, Long> entry : skipped.entrySet()) {
            KeyState state = window.get(entry.getKey());
            Operation operation = state == null ? null : delivery.afresh(state, outbox.node, entry.getValue());
            if (state != null && operation != null) {
                delivery.put(again, state, operation, 1L << outbox.node);
                holders.forEach(item -> reopen(outbox, again, item, entry.getKey()));
            }
        }
        return again.size() == 0 ? null : again;
    }

    private static void reopen(Outbox outbox, Item again, Item holder, Key key) {
        for (int at = 0; at < holder.size(); at++) {
            Operation operation = holder.operation(at);
            boolean concerns = key.equals(operation.key())
                    || (operation.kind() == Operation.Kind.TRUNCATE
                            && operation.table().equals(key.table()));
            if (concerns && holder.isFor(at, outbox.node)) {
                for (Item item : holder.source < 0 ? holder.covers : List.of(holder)) {
                    if (!again.covers.contains(item)) {
                        again.covers.add(item);
                        item.need |= 1L << outbox.node;
                        reopenVersions(item);
                    }
                }
                return;
            }
        }
    }

    /** Its versions were counted as closed some time ago: count them as open again. */
    private static void reopenVersions(Item item) {
        if (item.closing) {
            item.closing = false;
        } else if (item.closed) {
            item.closed = false;
            for (Version version : item.versions) {
                if (!version.dropped && version.state != null) {
                    version.state.open++;
                }
            }
        }
    }

    private void closeVersions(Item item) {
        if (!item.closing) {
            return;
        }
        item.closing = false;
        item.closed = true;
        for (Version version : item.versions) {
            KeyState state = version.state;
            if (state != null && !version.dropped) {
                state.open--;
                close(state);
            }
        }
        if (item.bulk != null) {
            window.close(item.bulk);
        }
    }

    private void close(KeyState state) {
        if (!settings.has(Rule.CLOSE)) {
            window.close(state);
        } else if (allJoined() || !settings.has(Rule.KEEPJOIN)) {
            window.closeIfIdle(state);
        }
    }

    private boolean allJoined() {
        for (Outbox outbox : outboxes) {
            if (!outbox.joined) {
                return false;
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
            return (truncate.item.need & truncate.item.masters()) != 0;
        });
        for (Table table : freed) {
            window.all(table).forEach(this::close);
        }
    }

    /** The last node has joined: what passed before may close now. */
    void closeAll(Iterable<Item> passedBefore) {
        for (Item item : passedBefore) {
            closeVersions(item);
        }
        window.all().forEach(this::close);
        closeTruncates();
    }
}
