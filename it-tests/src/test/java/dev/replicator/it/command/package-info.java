/** The commands, as a person types them, on real servers. */
@NullMarked
package dev.replicator.it.command;

import org.jspecify.annotations.NullMarked;
