/** A connector to copy. */
@NullMarked
package dev.replicator.sample.connector;

import org.jspecify.annotations.NullMarked;
