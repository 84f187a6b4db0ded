package dev.replicator.pipeline;

/** A database whose log is read. The one border at which tests put something else in place of a server. */
interface LogSource {
    /** Connects; does not touch the slot yet. Throws {@link dev.replicator.error.ReplicatorException}. */
    LogSession connect();
}
