package dev.replicator.observe;

import org.jspecify.annotations.Nullable;

/**
 * The writing side of a database.
 *
 * @param state what it is doing
 * @param reason why, in a few words; empty when the state says it all
 * @param transactions source transactions applied since the process started
 * @param rows written since the process started
 * @param batches committed since the process started
 * @param waitingTransactions read but not yet written here
 * @param waitingBytes their size
 * @param lagMicros age of the oldest transaction that waits for this database, 0 when none does
 * @param quarantined changes that it has refused and that are put aside there
 * @param copy how far the copying of its tables is; null while none is copied
 */
public record TargetStatus(
        Listener.State state,
        String reason,
        long transactions,
        long rows,
        long batches,
        long waitingTransactions,
        long waitingBytes,
        long lagMicros,
        long quarantined,
        @Nullable CopyStatus copy) {

    /** Nothing is copied. */
    public TargetStatus(
            Listener.State state,
            String reason,
            long transactions,
            long rows,
            long batches,
            long waitingTransactions,
            long waitingBytes,
            long lagMicros,
            long quarantined) {
        this(
                state,
                reason,
                transactions,
                rows,
                batches,
                waitingTransactions,
                waitingBytes,
                lagMicros,
                quarantined,
                null);
    }

    /** Nothing is put aside. */
    public TargetStatus(
            Listener.State state,
            String reason,
            long transactions,
            long rows,
            long batches,
            long waitingTransactions,
            long waitingBytes,
            long lagMicros) {
        this(state, reason, transactions, rows, batches, waitingTransactions, waitingBytes, lagMicros, 0);
    }
}
