package dev.replicator.model;

/** Nothing more for us below {@code end} (exclusive): a keepalive, or a transaction of ours or of no interest. */
public record Reached(long end) implements LogEntry {}
