package dev.replicator.model;

/** What reading one source's log yields, in log order. */
public sealed interface LogEntry permits Transaction, Mark, Reached {
    /** Everything that committed below this position (exclusive) has been read once this entry has been. */
    long end();
}
