package dev.replicator.pipeline;

import dev.replicator.copy.InitialCopying;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.spi.Target;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How a session of a node begins.
 *
 * @param preparation what is done before, each time
 * @param target opens it
 * @param mapping what the database is given of the tables, a new one each time
 * @param mending mends what can be mended when its tables differ; says whether anything was
 */
record Opening(
        Preparation preparation, Supplier<Target> target, Supplier<NodeMapping> mapping, BooleanSupplier mending) {
    /** What a node needs before it is written by batches. Takes the fence number taken last, and returns it. */
    interface Preparation {
        /** Nothing. */
        Preparation NONE = (own, control) -> own;

        long run(long own, InitialCopying.Control control);
    }
}
