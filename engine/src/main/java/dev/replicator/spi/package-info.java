/**
 * What the author of a connector sees. The engine calls, on one thread; a connector never calls back.
 *
 * <p>A connector implements {@link dev.replicator.spi.TargetFactory} and {@link dev.replicator.spi.Target}; everything else
 * here is what these two take and give, or an optional capability.
 */
@NullMarked
package dev.replicator.spi;

import org.jspecify.annotations.NullMarked;
