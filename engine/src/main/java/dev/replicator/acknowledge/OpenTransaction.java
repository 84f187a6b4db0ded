package dev.replicator.acknowledge;

/** A resolved source transaction that its source may not yet forget. */
public interface OpenTransaction {
    /** No mark covers it at that master. */
    long NO_MARK = -1;

    long commitLsn();

    /** Whether every node that has to has it durably, with all that was sent back to its own node. */
    boolean isDurable();

    /** Commit LSN of the mark that covers it in the log of {@code master}, or {@link #NO_MARK}. */
    long markAt(int master);
}
