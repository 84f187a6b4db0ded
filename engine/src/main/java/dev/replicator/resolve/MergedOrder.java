package dev.replicator.resolve;

import dev.replicator.model.Positions;

/** How far the merged order has come. Thread: the resolver's. */
final class MergedOrder {
    private Positions positions;
    private long highest;

    MergedOrder(int sources) {
        this.positions = Positions.zero(sources);
    }

    /** Ends of the newest transactions that have been resolved, by source. */
    Positions positions() {
        return positions;
    }

    /** H: the largest h of all that has been resolved. */
    long highest() {
        return highest;
    }

    void resolved(int source, long end) {
        positions = positions.raise(source, end);
    }

    void raise(long h) {
        highest = Math.max(highest, h);
    }
}
