/** Threads, queues and waiting; no decision about data. {@link dev.replicator.pipeline.Replication} is the way in. */
@NullMarked
package dev.replicator.pipeline;

import org.jspecify.annotations.NullMarked;
