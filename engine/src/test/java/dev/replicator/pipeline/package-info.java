/** Tests of threads, queues and waiting, on a scripted source and recording targets. */
@NullMarked
package dev.replicator.pipeline;

import org.jspecify.annotations.NullMarked;
