/**
 * Bytes and their meaning where both sides of a border must agree: keys in canonical form and their hashes, marks in the
 * log, rows in spool files. Plain objects; no threads, no connections.
 */
@NullMarked
package dev.replicator.codec;

import org.jspecify.annotations.NullMarked;
