package dev.replicator.resolve;

import dev.replicator.model.SourceState;

/** A state due to be stored on a source before its slot is acknowledged. */
public record StateToStore(int source, SourceState state) {}
