package dev.replicator.spi;

/** Optional capability of a {@link TargetFactory}: its databases can be given whole tables. */
public interface Loading {
    /** Connects. Takes nothing. */
    TableLoad load(TargetRequest request);
}
