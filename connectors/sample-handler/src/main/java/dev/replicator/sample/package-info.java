/** A sample plugin. */
@NullMarked
package dev.replicator.sample;

import org.jspecify.annotations.NullMarked;
