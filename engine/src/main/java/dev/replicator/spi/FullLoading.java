package dev.replicator.spi;

/** Optional capability of a {@link TargetFactory}: tables of its databases can be emptied and filled in one transaction. */
public interface FullLoading {
    /** Connects. Changes nothing. */
    FullLoad fullLoad(TargetRequest request);
}
