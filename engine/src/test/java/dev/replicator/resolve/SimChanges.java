package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import java.util.Iterator;
import java.util.List;

/** Changes in memory, some of which claim to stand in a file. */
record SimChanges(List<Change> list, boolean inFile) implements Changes {
    @Override
    public long size() {
        return list.size();
    }

    @Override
    public Change get(long number) {
        return list.get((int) number);
    }

    @Override
    public long memoryBytes() {
        return inFile ? 0 : 1;
    }

    @Override
    public void close() {}

    @Override
    public Iterator<Change> iterator() {
        return list.iterator();
    }
}
