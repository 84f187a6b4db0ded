package dev.replicator.resolve;

import dev.replicator.model.SyncSpec;
import java.nio.file.Path;

/**
 * How much memory and disk a sync's backlog may take.
 *
 * @param windowBytes heap for open keys, about; the others are in files
 * @param queueBytes heap for what waits for nodes, about; the rest is in files. More than what connected nodes may have
 *     waiting before the sources are held back, or every backlog is written to files
 * @param diskBytes files for both; beyond it, a node that is away is given up until it returns
 * @param spool where the files are; nothing in them outlives the process
 */
public record MemoryLimits(long windowBytes, long queueBytes, long diskBytes, Path spool) {
    private static final long MOST_ITEM = 16L << 20;

    private static final int WINDOW_SHARE = 8;
    private static final int QUEUE_SHARE = 12;
    private static final long LEAST_WINDOW = 16L << 20;
    private static final long LEAST_QUEUE = 48L << 20;

    /** Memory that the operations of one item may take. */
    long itemBytes() {
        return Math.min(MOST_ITEM, queueBytes / 3);
    }

    /** A share of the heap, and 16 GiB in the system's folder for temporary files. */
    public static MemoryLimits defaults() {
        return ofHeap(SyncSpec.SPILL_BUDGET, Path.of(System.getProperty("java.io.tmpdir", ".")));
    }

    /** Size of one file. */
    long segmentBytes() {
        return Math.max(4096, Math.min(16L << 20, diskBytes / 64));
    }

    /** Shares of this process's heap: an eighth and a twelfth. */
    public static MemoryLimits ofHeap(long diskBytes, Path spool) {
        long heap = Runtime.getRuntime().maxMemory();
        return new MemoryLimits(
                Math.max(LEAST_WINDOW, heap / WINDOW_SHARE),
                Math.max(LEAST_QUEUE, heap / QUEUE_SHARE),
                diskBytes,
                spool);
    }
}
