/** What a sync does on real servers, from the configuration file to the rows. */
@org.jspecify.annotations.NullMarked
package dev.replicator.it.scenario;
