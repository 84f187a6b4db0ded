package dev.replicator.resolve;

import dev.replicator.acknowledge.Passage;
import java.util.List;

/**
 * What the parts of one resolver share. Thread: the resolver's.
 *
 * @param logs by source
 * @param outboxes by node
 * @param window the keys that are open
 * @param passage what is durable where
 * @param done versions that count as seen and known
 * @param order how far the merged order has come
 */
record ResolverState(
        ResolverSettings settings,
        List<SourceLog> logs,
        List<Outbox> outboxes,
        Window window,
        Passage passage,
        Done done,
        MergedOrder order) {
    boolean isMultiMaster() {
        return settings.isMultiMaster();
    }
}
