/** Finds the connectors of this process. */
@NullMarked
package dev.replicator.connector;

import org.jspecify.annotations.NullMarked;
