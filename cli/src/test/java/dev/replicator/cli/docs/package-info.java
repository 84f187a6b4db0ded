/** Tests that the documentation is true where a machine can tell. */
@NullMarked
package dev.replicator.cli.docs;

import org.jspecify.annotations.NullMarked;
