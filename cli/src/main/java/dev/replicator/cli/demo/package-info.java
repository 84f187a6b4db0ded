/**
 * {@code replicator demo}: three embedded PostgreSQL masters with the Shakespeare tables, steps that show what the
 * replicator does and check that it is true, and a live status. Not used by any other command.
 */
@NullMarked
package dev.replicator.cli.demo;

import org.jspecify.annotations.NullMarked;
