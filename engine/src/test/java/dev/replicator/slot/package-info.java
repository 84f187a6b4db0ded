/** Checks, slots and publications on real servers, the oldest and the newest supported. */
@NullMarked
package dev.replicator.slot;

import org.jspecify.annotations.NullMarked;
