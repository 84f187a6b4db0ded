/** From resolved operations to batches: merging per key, chunks that fit in memory. */
@NullMarked
package dev.replicator.apply;

import org.jspecify.annotations.NullMarked;
