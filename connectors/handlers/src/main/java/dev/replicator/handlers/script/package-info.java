/** Scripts: JavaScript in a sandbox whose steps are counted. */
@NullMarked
package dev.replicator.handlers.script;

import org.jspecify.annotations.NullMarked;
