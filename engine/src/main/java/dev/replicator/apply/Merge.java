package dev.replicator.apply;

import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Merges a run of operations so that each key occurs once.
 *
 * <p>As {@link Operation#fold} says; a TRUNCATE replaces what came before in its table. One use, one thread.
 */
public final class Merge {
    private final Map<Key, Operation> merged = new LinkedHashMap<>();
    private final Set<Table> truncated = new LinkedHashSet<>();
    private final List<Operation> inOrder = new ArrayList<>();

    public void add(Operation operation) {
        inOrder.add(operation);
        if (operation.kind() == Operation.Kind.TRUNCATE) {
            merged.keySet().removeIf(key -> key.table().equals(operation.table()));
            truncated.add(operation.table());
        } else {
            Key key = operation.requireKey();
            merged.put(key, Operation.fold(merged.get(key), operation));
        }
    }

    public Chunk toChunk() {
        return new Chunk(List.copyOf(truncated), List.copyOf(merged.values()), inOrder);
    }
}
