/** The engine: reads transactions from sources, resolves conflicts, writes batches to targets. Folders are the steps of the flow. */
@org.jspecify.annotations.NullMarked
package dev.replicator;
