package dev.replicator.resolve;

import dev.replicator.model.Batch;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A session of ours that writes one batch, step by step. */
final class SimSession {
    final Batch batch;
    final long fence;
    final List<Operation> operations;
    final boolean truncates;
    /** Whether the process that made it is gone: it goes on by itself and reports to nobody. */
    boolean late;

    boolean locked;
    boolean truncated;
    int at;
    final Map<Integer, SimNode.SimRow> written = new HashMap<>();
    final Set<Key> wrote = new HashSet<>();
    final Set<Key> missed = new HashSet<>();
    final Map<Integer, String> missedVersions = new HashMap<>();

    SimSession(Batch batch, long fence, List<Operation> operations, boolean truncates) {
        this.batch = batch;
        this.fence = fence;
        this.operations = operations;
        this.truncates = truncates;
    }
}
