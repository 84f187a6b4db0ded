package dev.replicator.spi;

/** A target on which a batch that is committed may still be lost in a crash of its server. */
public interface AsynchronousCommits extends Target {
    /** The number of the newest batch of this session that would survive a crash of the target's server. */
    long durableBatch();
}
