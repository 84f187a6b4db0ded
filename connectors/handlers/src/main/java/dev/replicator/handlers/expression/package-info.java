/** Expressions of the configuration, in the Common Expression Language: checked against the columns before they run. */
@NullMarked
package dev.replicator.handlers.expression;

import org.jspecify.annotations.NullMarked;
