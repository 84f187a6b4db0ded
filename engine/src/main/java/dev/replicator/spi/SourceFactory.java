package dev.replicator.spi;

/**
 * Makes sources of one kind that is not PostgreSQL. A jar names its implementation in
 * {@code META-INF/services/dev.replicator.spi.SourceFactory}; it has a constructor without parameters. Thread: any; keeps no
 * state.
 */
public interface SourceFactory {
    /** The kind it serves, as a {@link TargetFactory} names it that serves the same URLs. */
    String kind();

    /** What there is to be read; throws when the database cannot be reached. Changes nothing. */
    SourceCatalog examine(SourceRequest request);

    /** Connects for questions; reads nothing yet. */
    Source open(SourceRequest request);
}
