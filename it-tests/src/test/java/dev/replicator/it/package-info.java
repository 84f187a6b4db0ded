/** Scenarios on real servers. */
@org.jspecify.annotations.NullMarked
package dev.replicator.it;
