package dev.replicator.spi;

import dev.replicator.model.SourceState;

/** A target that is a source of the sync, too. */
public interface MasterTarget extends Target {
    /** Stores the source's state on that source durably, under the fence, before its slot is acknowledged. */
    void storeState(SourceState state);

    /** Makes a change of our own there, under the fence, outside of the batches. */
    Correction.Result correct(Correction correction);
}
