/** A JMH benchmark of what only this package sees. */
@NullMarked
package dev.replicator.postgres;

import org.jspecify.annotations.NullMarked;
