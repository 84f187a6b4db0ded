/** The whole flow on real servers, without the command: two masters, one row, and what follows from it. */
@NullMarked
package dev.replicator.it.flow;

import org.jspecify.annotations.NullMarked;
