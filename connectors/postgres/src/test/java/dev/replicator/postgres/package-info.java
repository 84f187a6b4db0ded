/** Tests of the PostgreSQL target on real servers. */
@NullMarked
package dev.replicator.postgres;

import org.jspecify.annotations.NullMarked;
