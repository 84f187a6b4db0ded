/** Failures: what, where, why and what to do next, classified once. */
@NullMarked
package dev.replicator.error;

import org.jspecify.annotations.NullMarked;
