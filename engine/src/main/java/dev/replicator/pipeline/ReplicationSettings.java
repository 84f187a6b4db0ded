package dev.replicator.pipeline;

import dev.replicator.model.SyncSpec;
import dev.replicator.resolve.MemoryLimits;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Limits of one running sync. The limits are the back-pressure: what is full slows what fills it.
 *
 * @param batchRows most rows in one batch (whole transactions; a larger transaction makes a batch of its own)
 * @param queueEntries most transactions that wait between a source's reader and the resolver
 * @param queueBytes most bytes of memory that wait there, per source
 * @param waitingBytes what may wait for every target before the sources are read no further
 * @param diskBytes files of what waits for single targets that are away or slow; beyond it, one that is away is given up
 * @param transactionBytes memory for one transaction while it is read; beyond it, it spills
 * @param binary whether values travel in binary form: only where the types of all tables are built in and the same on
 *     all databases
 * @param spool where spill files go; they may be deleted whenever the process does not run
 * @param storeInterval how often the sources' states are stored before acknowledging, at most
 * @param refusedRetry after what time, at most, a target that refused a change is tried again
 */
public record ReplicationSettings(
        int batchRows,
        int queueEntries,
        long queueBytes,
        long waitingBytes,
        long diskBytes,
        long transactionBytes,
        boolean binary,
        Path spool,
        Duration storeInterval,
        Duration refusedRetry) {

    public static ReplicationSettings defaults() {
        return new ReplicationSettings(
                4000,
                5_000,
                16L << 20,
                8L << 20,
                SyncSpec.SPILL_BUDGET,
                8L << 20,
                false,
                Path.of(System.getProperty("java.io.tmpdir")),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30));
    }

    /** Spill files go to this directory, and may take so much there. */
    public ReplicationSettings withSpool(Path directory, long bytesOnDisk) {
        return new ReplicationSettings(
                batchRows,
                queueEntries,
                queueBytes,
                waitingBytes,
                bytesOnDisk,
                transactionBytes,
                binary,
                directory,
                storeInterval,
                refusedRetry);
    }

    public ReplicationSettings withBinary() {
        return new ReplicationSettings(
                batchRows,
                queueEntries,
                queueBytes,
                waitingBytes,
                diskBytes,
                transactionBytes,
                true,
                spool,
                storeInterval,
                refusedRetry);
    }

    /** With other limits of what may wait, and where. */
    public ReplicationSettings withWaiting(long bytes, long bytesOnDisk) {
        return new ReplicationSettings(
                batchRows,
                queueEntries,
                queueBytes,
                bytes,
                bytesOnDisk,
                transactionBytes,
                binary,
                spool,
                storeInterval,
                refusedRetry);
    }

    /** What the resolver's backlog may take. More may be in memory than makes the sources wait: else all goes to files. */
    MemoryLimits memory() {
        MemoryLimits shares = MemoryLimits.ofHeap(diskBytes, spool);
        return new MemoryLimits(
                waitingBytes < defaults().waitingBytes ? 2 * waitingBytes : shares.windowBytes(),
                waitingBytes < defaults().waitingBytes
                        ? 2 * waitingBytes
                        : Math.max(2 * waitingBytes, shares.queueBytes()),
                diskBytes,
                spool);
    }
}
