/** Tests of the package of the same name. */
@NullMarked
package dev.replicator.cli.status;

import org.jspecify.annotations.NullMarked;
