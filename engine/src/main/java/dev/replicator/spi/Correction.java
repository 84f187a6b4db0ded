package dev.replicator.spi;

import dev.replicator.model.Conflict;
import dev.replicator.model.Operation;

/**
 * A change that we make on one master, as an application would: it is in nobody's batch, is read from that master's log,
 * and goes to all others like any other.
 *
 * @param id of the decision it follows from; stored with it, so that it is made once
 * @param delete the row to delete; it is deleted only while it has the values that this carries
 * @param conflict for the conflict history
 */
public record Correction(String id, Operation delete, Conflict conflict) {
    /** What became of it. */
    public enum Result {
        MADE,
        /** A decision of this id has been followed before. */
        MADE_BEFORE,
        /** The row is gone or has other values by now. */
        ROW_DIFFERS,
        /** The database refuses the deletion: rows of other tables refer to it. */
        REFUSED
    }
}
