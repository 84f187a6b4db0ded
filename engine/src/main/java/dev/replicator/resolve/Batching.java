package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.apply.Chunks;
import dev.replicator.model.Batch;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Lsn;
import dev.replicator.model.Operation;
import dev.replicator.model.Provenance;
import dev.replicator.model.SourceState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes batches of what waits for a node: a run of whole items, first in, first out, with the progress they make. */
final class Batching {
    /** So many transactions of one key are named in a message. */
    private static final int MOST_NAMED = 3;

    private final ResolverSettings settings;
    private final List<SourceLog> logs;
    private final Passage passage;

    Batching(ResolverSettings settings, List<SourceLog> logs, Passage passage) {
        this.settings = settings;
        this.logs = logs;
        this.passage = passage;
    }

    /** The next batch of about {@code maxRows} rows; null: nothing to write now. */
    @Nullable
    Batch next(Outbox outbox, int maxRows, long highest) {
        Batch batch = null;
        while (batch == null && outbox.isReady()) {
            List<Item> items = outbox.take(maxRows);
            if (!settings.isMultiMaster()) {
                items.removeIf(item -> alreadyHeld(outbox, item));
            }
            batch = send(outbox, items, highest);
        }
        return batch;
    }

    private boolean alreadyHeld(Outbox outbox, Item item) {
        if (item.isHeld(outbox.startHeld.get(0))) {
            passage.passed(outbox.node, item.positions, Passage.NO_MARK);
            item.release();
            return true;
        }
        return false;
    }

    private @Nullable Batch send(Outbox outbox, List<Item> items, long highest) {
        if (items.isEmpty() && !outbox.copiesDue) {
            return null;
        }
        boolean master = settings.isMultiMaster() && outbox.node < logs.size();
        List<Conflict> discarded = new ArrayList<>(0);
        long micros = 0;
        long size = 0;
        for (Item item : items) {
            if (master) {
                discarded.addAll(item.conflicts());
            }
            micros = Math.max(micros, item.commitMicros);
            size += item.rows();
        }
        Item last = items.isEmpty() ? null : items.get(items.size() - 1);
        Iterable<Operation> all =
                () -> new Operations(items, outbox.node, settings.isMultiMaster() ? Copied.NONE : outbox.copied);
        Iterable<Operation> operations = master && size > settings.chunkRows() ? guardedOnce(all) : all;
        Batch batch = new Batch(
                outbox.nextNumber(),
                Chunks.of(operations, size, settings.chunkRows()),
                last == null ? outbox.sentHeld() : last.positions,
                last == null ? highest : last.highest,
                discarded,
                outbox.copiesDue ? copies() : List.of(),
                micros,
                provenance(items, outbox.node));
        outbox.copiesDue = false;
        outbox.send(new Outbox.Sent(outbox.fence, batch, items, master ? guards(operations) : Map.of()));
        return batch;
    }

    private Provenance provenance(List<Item> items, int node) {
        return new Provenance() {
            @Override
            public String transactions(Key key) {
                return items.stream()
                        .filter(item -> changes(item, node, key))
                        .limit(MOST_NAMED)
                        .map(item -> name(item))
                        .collect(Collectors.joining(", "));
            }

            @Override
            public long commitMicros(Key key) {
                return items.stream()
                        .filter(item -> changes(item, node, key))
                        .mapToLong(item -> item.commitMicros)
                        .max()
                        .orElse(0);
            }
        };
    }

    private static boolean changes(Item item, int node, Key key) {
        for (Iterator<Operation> all = item.operationsFor(node); all.hasNext(); ) {
            if (key.equals(all.next().key())) {
                return true;
            }
        }
        return false;
    }

    private String name(Item item) {
        return item.source < 0
                ? "several, which are taken from the logs again"
                : "commit " + Lsn.format(item.commitLsn) + " of database \""
                        + settings.nodes().get(item.source) + "\" at "
                        + Instant.EPOCH.plus(item.commitMicros, ChronoUnit.MICROS);
    }

    /**
     * Of a batch in several chunks: a guard stays only where its key occurs once. One chunk could skip what the next one
     * writes over, and the mark, which lists the key then, would not tell.
     */
    private static Iterable<Operation> guardedOnce(Iterable<Operation> operations) {
        Map<Key, Integer> times = new HashMap<>();
        for (Operation operation : operations) {
            if (operation.isGuarded()) {
                times.put(operation.requireKey(), 0);
            }
        }
        if (times.isEmpty()) {
            return operations;
        }
        for (Operation operation : operations) {
            Key key = operation.key();
            if (key != null) {
                times.computeIfPresent(key, (same, count) -> count + 1);
            }
        }
        times.values().removeIf(count -> count > 1);
        return () -> {
            Iterator<Operation> each = operations.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public Operation next() {
                    Operation operation = each.next();
                    boolean keeps = !operation.isGuarded() || times.containsKey(operation.requireKey());
                    return keeps ? operation : operation.withGuard(Operation.UNGUARDED);
                }
            };
        };
    }

    private static Map<Key, Long> guards(Iterable<Operation> operations) {
        Map<Key, Operation> merged = new HashMap<>();
        boolean any = false;
        for (Operation operation : operations) {
            any |= operation.isGuarded();
        }
        if (!any) {
            return Map.of();
        }
        for (Operation operation : operations) {
            if (operation.key() != null) {
                merged.merge(operation.key(), operation, Operation::fold);
            }
        }
        Map<Key, Long> guards = new HashMap<>();
        merged.forEach((key, operation) -> {
            if (operation.isGuarded()) {
                guards.put(key, operation.guard());
            }
        });
        return guards;
    }

    private List<SourceState> copies() {
        return logs.stream().map(log -> log.stored).toList();
    }
}
