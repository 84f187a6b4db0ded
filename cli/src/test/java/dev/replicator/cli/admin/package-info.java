/** Tests of the package of the same name. */
@NullMarked
package dev.replicator.cli.admin;

import org.jspecify.annotations.NullMarked;
