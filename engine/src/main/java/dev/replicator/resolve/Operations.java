package dev.replicator.resolve;

import dev.replicator.model.Operation;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The operations of a run of items that are for one node, in merged order. */
final class Operations implements Iterator<Operation> {
    private final Iterator<Item> items;
    private final int node;
    private final Copied copied;

    private Iterator<Operation> current = Collections.emptyIterator();

    Operations(List<Item> run, int node, Copied copied) {
        this.copied = copied;
        this.items = run.iterator();
        this.node = node;
    }

    @Override
    public boolean hasNext() {
        while (!current.hasNext() && items.hasNext()) {
            current = items.next().operationsFor(node, copied);
        }
        return current.hasNext();
    }

    @Override
    public Operation next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return current.next();
    }
}
