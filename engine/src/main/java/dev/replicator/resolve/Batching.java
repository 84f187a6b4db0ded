package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import dev.replicator.apply.Chunks;
import dev.replicator.model.Batch;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.SourceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes batches of what waits for a node: a run of whole items, first in, first out, with the progress they make. */
final class Batching {
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
        if (outbox.startHeld.covers(0, item.commitLsn)) {
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
        Iterable<Operation> operations = () -> new Operations(items, outbox.node);
        Batch batch = new Batch(
                outbox.nextNumber(),
                Chunks.of(operations, size, settings.chunkRows()),
                last == null ? outbox.sentHeld() : last.positions,
                last == null ? highest : last.highest,
                discarded,
                outbox.copiesDue ? copies() : List.of(),
                micros);
        outbox.copiesDue = false;
        outbox.send(new Outbox.Sent(outbox.fence, batch, items, master ? guards(operations) : Map.of()));
        return batch;
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
