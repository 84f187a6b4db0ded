package dev.replicator.spi;

import dev.replicator.model.Row;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;

/** A target that is a source of the sync, too. */
public interface MasterTarget extends Target {
    /** Stores the source's state on that source durably, under the fence, before its slot is acknowledged. */
    void storeState(SourceState state);

    /** Stores which policies are in force, durably, under the fence. */
    void storePolicies(StoredPolicies policies);

    /** Makes a change of our own there, under the fence, outside of the batches. */
    Correction.Result correct(Correction correction);

    /**
     * Writes those columns that {@code row} lacks once more, with the values that stand in the row of its key, if there is
     * one: under the fence, durably, outside of the batches, so that the master's log has them. Returns false when others
     * hold a lock on the row.
     */
    boolean writeAgain(Row row);
}
