/** JMH benchmarks of the engine's steps. */
@NullMarked
package dev.replicator.bench;

import org.jspecify.annotations.NullMarked;
