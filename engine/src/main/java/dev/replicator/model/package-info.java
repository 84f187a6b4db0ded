/**
 * The vocabulary every other package speaks: positions in a log, tables, rows, changes, batches. Immutable values; no
 * threads, no I/O, no dependency on any other package of the engine.
 */
@NullMarked
package dev.replicator.model;

import org.jspecify.annotations.NullMarked;
