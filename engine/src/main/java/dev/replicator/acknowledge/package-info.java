/** Durable everywhere: the source may forget. Which position of each source's log will never be needed again. */
@NullMarked
package dev.replicator.acknowledge;

import org.jspecify.annotations.NullMarked;
