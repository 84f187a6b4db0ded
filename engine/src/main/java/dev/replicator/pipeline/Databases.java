package dev.replicator.pipeline;

import dev.replicator.mapping.NodeMapping;
import dev.replicator.spi.Source;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.Target;
import java.util.Optional;
import java.util.function.Supplier;

/** Opens sessions on the databases of a sync, by their numbers. Any thread. */
public interface Databases {
    /** A session that writes batches. */
    Target open(int node);

    /** What a database is given of the tables, a new one for each session. */
    default NodeMapping mapping(int node) {
        return NodeMapping.NONE;
    }

    /** Whether a database can be given whole rows only. */
    default boolean takesWholeRowsOnly(int node) {
        return false;
    }

    /** What reads a source that is no PostgreSQL; empty: it is one. */
    default Optional<Supplier<Source>> source(int source) {
        return Optional.empty();
    }

    /** Mends the tables of a database where they differ from what is sent, as far as it may; says whether it did. */
    default boolean mend(int node) {
        return false;
    }

    /** A session that brings whole tables; empty where that cannot be done. */
    default Optional<TableLoad> load(int node) {
        return Optional.empty();
    }
}
