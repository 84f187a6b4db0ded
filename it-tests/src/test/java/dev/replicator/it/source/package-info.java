/** Sources that are no PostgreSQL, on real servers. */
@NullMarked
package dev.replicator.it.source;

import org.jspecify.annotations.NullMarked;
