package dev.replicator.spi;

import dev.replicator.model.Conflict;
import dev.replicator.model.Operation;
import java.util.List;

/**
 * Changes that we make on one master in one transaction, as an application would: they are in nobody's batch, are read
 * from that master's log, and go to all others like any other.
 *
 * @param id of the decision they follow from; stored with them, so that they are made once
 * @param standing rows that have to stand there with the values that these carry, or nothing is done
 * @param missing keys at which no row may stand, or nothing is done
 * @param changes UPSERT (of the columns that are carried) and DELETE, made in this order
 * @param conflicts for the conflict history
 * @param reason one sentence for a person
 */
public record Correction(
        String id,
        List<Operation> standing,
        List<Operation> missing,
        List<Operation> changes,
        List<Conflict> conflicts,
        String reason) {
    public Correction {
        standing = List.copyOf(standing);
        missing = List.copyOf(missing);
        changes = List.copyOf(changes);
        conflicts = List.copyOf(conflicts);
    }

    /** What became of it. */
    public enum Result {
        MADE,
        /** A decision of this id has been followed before. */
        MADE_BEFORE,
        /** A row is gone or has other values by now. */
        ROW_DIFFERS,
        /** A row that had to be gone stands there. */
        STILL_THERE,
        /** The database refuses the changes: a constraint of its own is against them. */
        REFUSED
    }
}
