/** What the author of a connector sees. The engine calls, on one thread; a connector never calls back. */
@NullMarked
package dev.replicator.spi;

import org.jspecify.annotations.NullMarked;
