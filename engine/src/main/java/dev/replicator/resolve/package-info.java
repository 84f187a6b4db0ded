/**
 * What is the value of a key, and who needs it? Versions, marks, the window, replay, joining. Plain objects owned by the
 * sync's resolve thread; everything decided here is a function of the masters' logs alone.
 */
@NullMarked
package dev.replicator.resolve;

import org.jspecify.annotations.NullMarked;
