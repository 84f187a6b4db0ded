/** The running process: prepares the databases, starts every sync, answers the admin API. */
@NullMarked
package dev.replicator.cli.daemon;

import org.jspecify.annotations.NullMarked;
