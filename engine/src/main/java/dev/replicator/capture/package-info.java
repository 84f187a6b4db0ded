/** Bytes leave the slot: the replication connection of one source, read in gulps and acknowledged explicitly. */
@NullMarked
package dev.replicator.capture;

import org.jspecify.annotations.NullMarked;
