package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import java.util.Iterator;
import java.util.List;

/** Changes in memory. */
record SimChanges(List<Change> list) implements Changes {
    @Override
    public long size() {
        return list.size();
    }

    @Override
    public long memoryBytes() {
        return 0;
    }

    @Override
    public void close() {}

    @Override
    public Iterator<Change> iterator() {
        return list.iterator();
    }
}
