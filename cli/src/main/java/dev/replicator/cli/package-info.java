/** The command line: the daemon and the commands around it. */
@org.jspecify.annotations.NullMarked
package dev.replicator.cli;
