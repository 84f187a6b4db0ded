package dev.replicator.spi;

import dev.replicator.model.Batch;
import dev.replicator.model.Positions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database that receives batches: one session, used by one thread.
 *
 * <p>Guarantees an implementation gives: {@link #write} returns when data and progress are committed in one atomic unit
 * of the target; the same work again changes nothing; a session whose fence number has been raised by another can no
 * longer write (it fails with kind FENCED). After an exception of kind ROLLED_BACK, which only {@link #write} throws, the
 * session goes on; after any other it is useless: close it and {@link TargetFactory#open} another.
 *
 * <p>What only some can do are interfaces of their own: {@link MasterTarget}, {@link AsynchronousCommits}, {@link
 * QuarantineTarget}, {@link PauseTarget}, {@link FillableTarget}.
 */
public interface Target extends AutoCloseable {
    /**
     * Takes the fence: waits for or ends the session that holds it, raises the number, commits durably, and only then
     * reads the progress. Creates what is missing of its own storage, and the tables where that is asked for. Called once,
     * before the first {@link #write}.
     *
     * @param own the number that this process took last, for a session that takes the place of one that was lost: if the
     *     number is another by now, somebody else has taken over, and this fails with kind FENCED. 0: whatever it is
     */
    TargetState start(long own);

    /** The first session of a process that has found nobody at work. */
    default TargetState start() {
        return start(0);
    }

    /**
     * Writes one batch and its progress, all or nothing. Fails with kind ROLLED_BACK when it lost to another transaction
     * over locks, or waited for one in vain: nothing of it is written then, and the next batch may hold the same work.
     */
    WriteResult write(Batch batch);

    /** V of the progress that is stored there, without taking the fence; null if there is none. */
    @Nullable
    Positions held();

    /**
     * Removes what the sync stored there, but no row of a replicated table. Without {@link #start}; may be repeated.
     *
     * @return what was there and is gone, in words
     */
    List<String> forget();

    /** The clock of the target minus this machine's; null where a target has none. */
    default @Nullable Duration clockOffset() {
        return null;
    }

    /** Ends the session. Never throws; after it the server holds no lock of ours. Any thread. */
    @Override
    void close();
}
