/** Java classes from jars that the user adds. */
@NullMarked
package dev.replicator.handlers.plugin;

import org.jspecify.annotations.NullMarked;
