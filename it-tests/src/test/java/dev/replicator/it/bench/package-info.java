/**
 * The benchmark: this program beside PostgreSQL's own logical replication, on the same clusters, in the same run. Not a
 * test; {@code it-tests/bench/run} starts it.
 */
@NullMarked
package dev.replicator.it.bench;

import org.jspecify.annotations.NullMarked;
