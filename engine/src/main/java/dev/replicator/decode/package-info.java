/**
 * pgoutput becomes changes: messages are parsed, relations and types resolved, transactions assembled, and our own told
 * from others. Plain objects that one thread calls; no connection.
 */
@NullMarked
package dev.replicator.decode;

import org.jspecify.annotations.NullMarked;
