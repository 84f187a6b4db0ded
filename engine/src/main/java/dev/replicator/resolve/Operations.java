package dev.replicator.resolve;

import dev.replicator.model.Operation;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The operations of a run of items that are for one node, in merged order. */
final class Operations implements Iterator<Operation> {
    private final Iterator<Item> items;
    private final int node;

    private Item item;
    private int at = -1;
    private boolean more;

    Operations(List<Item> run, int node) {
        this.items = run.iterator();
        this.node = node;
        this.item = new Item(-1, 0, 0, 0, 0);
        advance();
    }

    private void advance() {
        at++;
        while (at >= item.size() || !item.isFor(at, node)) {
            if (at < item.size()) {
                at++;
            } else if (items.hasNext()) {
                item = items.next();
                at = 0;
            } else {
                more = false;
                return;
            }
        }
        more = true;
    }

    @Override
    public boolean hasNext() {
        return more;
    }

    @Override
    public Operation next() {
        if (!more) {
            throw new NoSuchElementException();
        }
        Operation operation = item.operation(at);
        advance();
        return operation;
    }
}
