package dev.replicator.postgres;

import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Table;
import dev.replicator.spi.Refusal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What became of the keys of one chunk that is written one operation after the other. One thread. */
final class ChunkKeys {
    final Map<Key, Boolean> wrote = new LinkedHashMap<>();
    final Set<Key> skipped = new HashSet<>();
    final Map<Key, Operation> merged = new HashMap<>();
    final Set<Key> parked = new HashSet<>();
    final Map<Key, Refusal> refusals = new LinkedHashMap<>();
    private final Outcome batch;
    long rows;

    ChunkKeys(Outcome batch) {
        this.batch = batch;
    }

    /** None for a key that this transaction has written already: the row is ours, and locked. */
    long guard(Operation operation) {
        Key key = operation.requireKey();
        return wrote.getOrDefault(key, false) || batch.isListed(key)
                ? Operation.UNGUARDED
                : merged.getOrDefault(key, operation).guard();
    }

    void add(Key key, boolean metRow) {
        wrote.merge(key, metRow, Boolean::logicalOr);
    }

    void truncated(Table table) {
        skipped.removeIf(key -> key.table().equals(table));
    }

    /** As it is now, for {@link #restore} after a savepoint is rolled back to. */
    ChunkKeys copy() {
        ChunkKeys copy = new ChunkKeys(batch);
        copy.restore(this);
        return copy;
    }

    /** What was put aside in between stays so. */
    void restore(ChunkKeys before) {
        wrote.clear();
        wrote.putAll(before.wrote);
        skipped.clear();
        skipped.addAll(before.skipped);
        merged.putAll(before.merged);
        rows = before.rows;
    }

    /** Tells the batch; {@code isParked} says of which keys something is still put aside. */
    void report(Predicate<Key> isParked) {
        skipped.forEach(batch::skipped);
        skipped.forEach(wrote::remove);
        batch.countRows(rows);
        refusals.values().stream()
                .filter(refusal -> isParked.test(refusal.refused().requireKey()))
                .forEach(batch::refused);
        wrote.forEach((key, metRow) -> {
            if (metRow) {
                batch.wroteInSavepoint(key);
            } else {
                batch.missed(key);
            }
        });
        // No row of ours stands there; and the key must not count as one whose guard made us skip it.
        parked.stream().filter(key -> !wrote.containsKey(key)).forEach(batch::missed);
    }
}
