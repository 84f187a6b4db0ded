/**
 * What has to be true and has to exist on PostgreSQL before rows flow: tables, publications, slots, privileges; and how
 * all of it is removed again. Plain objects over a {@link java.sql.Connection}, for any one thread.
 */
@NullMarked
package dev.replicator.slot;

import org.jspecify.annotations.NullMarked;
