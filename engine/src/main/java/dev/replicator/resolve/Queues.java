package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what waits for all nodes, and what they were sent and is not known to last, within a limit of memory: beyond it,
 * batches that are committed and long queues go to files, in order.
 *
 * <p>A full disk loses nothing: what waits stays in memory, and {@link #failure()} says so until it has worked.
 */
final class Queues {
    private final List<Outbox> outboxes;
    private final Backlog files;
    private final long limitBytes;
    private @Nullable ReplicatorException failure;
    private long failedAtBytes;

    Queues(List<Outbox> outboxes, Backlog files, long limitBytes) {
        this.outboxes = outboxes;
        this.files = files;
        this.limitBytes = limitBytes;
    }

    /** To be called when something was queued. */
    void relieve() {
        long bytes = memoryBytes();
        if (bytes <= limitBytes) {
            failure = null;
            return;
        }
        if (failure != null && bytes <= failedAtBytes) {
            return;
        }
        try {
            for (Outbox outbox : outboxes) {
                while (memoryBytes(outbox) > limitBytes && outbox.packSent(files)) {
                    // One batch at a time, so that nobody waits for many.
                }
                if (outbox.memoryBytes() > limitBytes / 2) {
                    outbox.pack(files);
                }
            }
            failure = null;
        } catch (ReplicatorException e) {
            failure = e;
            failedAtBytes = bytes + limitBytes / 16;
        }
    }

    /** Of the longest queue: the others hold the newer of the same items. */
    private long memoryBytes() {
        long longest = 0;
        for (Outbox outbox : outboxes) {
            longest = Math.max(longest, memoryBytes(outbox));
        }
        return longest;
    }

    private static long memoryBytes(Outbox outbox) {
        return outbox.memoryBytes() + outbox.sentBytes();
    }

    /** Tries again at once although it has just failed. */
    void retry() {
        failedAtBytes = 0;
        relieve();
    }

    /** Why more waits in memory than should; null: it does not. */
    @Nullable
    ReplicatorException failure() {
        return failure;
    }
}
