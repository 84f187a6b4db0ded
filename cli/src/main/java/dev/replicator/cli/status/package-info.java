/** The status of syncs: as a table for people, as JSON for machines, with what the servers say about the slots. */
@NullMarked
package dev.replicator.cli.status;

import org.jspecify.annotations.NullMarked;
