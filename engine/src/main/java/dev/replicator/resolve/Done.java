package dev.replicator.resolve;

import dev.replicator.model.Positions;

/**
 * Q as found at the start, in this process's first look at each node: versions below it count as seen and known, but are
 * never a reason to send. A node that is met late can still raise it.
 */
final class Done {
    private Positions line;

    Done(int sources) {
        line = Positions.zero(sources);
    }

    void raise(Positions found) {
        line = line.join(found);
    }

    boolean covers(int source, long commitLsn) {
        return line.covers(source, commitLsn);
    }

    Positions line() {
        return line;
    }
}
