/** Tests of the package of the same name. */
@NullMarked
package dev.replicator.cli.command;

import org.jspecify.annotations.NullMarked;
