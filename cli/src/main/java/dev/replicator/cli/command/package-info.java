/** The commands, one class each: what a person types, and nothing that decides about data. */
@NullMarked
package dev.replicator.cli.command;

import org.jspecify.annotations.NullMarked;
