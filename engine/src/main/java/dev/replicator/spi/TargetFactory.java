package dev.replicator.spi;

import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import java.util.List;

/** Makes the targets of one kind. Found by {@link java.util.ServiceLoader}; the engine names no connector. */
public interface TargetFactory {
    /** The kind it serves, as in {@link dev.replicator.model.DatabaseSpec#kind()}. */
    String kind();

    /**
     * Connects a session for node {@code node} of the sync, and checks that every table can be written there. Does not
     * take the fence.
     */
    Target open(SyncSpec sync, int node, List<Table> tables);
}
