/** Rules that the source keeps: who may see whom, where threads live, how long a file may become. */
@org.jspecify.annotations.NullMarked
package dev.replicator.it.rules;
