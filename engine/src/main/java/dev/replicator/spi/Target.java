package dev.replicator.spi;

import dev.replicator.model.Batch;
import dev.replicator.model.SourceState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A database that receives batches: one session, used by one thread.
 *
 * <p>Guarantees an implementation gives: {@link #write} returns when data and progress are committed in one atomic unit
 * of the target; the same work again changes nothing; a session whose fence number has been raised by another can no
 * longer write (it fails with kind FENCED). After an exception of kind ROLLED_BACK, which only {@link #write} throws, the
 * session goes on; after any other it is useless: close it and {@link TargetFactory#open} another.
 */
public interface Target extends AutoCloseable {
    /**
     * Takes the fence: waits for or ends the session that holds it, raises the number, commits synchronously, and only
     * then reads the progress. Called once, first.
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

    /**
     * The number of the newest batch of this session that would survive a crash of the target's server. A target on
     * which every commit is durable returns the last batch written.
     */
    long durableBatch();

    /**
     * Masters only: stores a source's state on that source durably, under the fence, before its slot is acknowledged.
     * Targets that are no source are never asked.
     */
    void storeState(SourceState state);

    /** Masters only: makes a change of our own there, under the fence, outside of the batches. */
    Correction.Result correct(Correction correction);

    /** Has everything that was put aside tried again with the next batch. */
    void retryRefused();

    /** The clock of the target minus this machine's; null where a target has none. */
    default @Nullable Duration clockOffset() {
        return null;
    }

    /** Ends the session. Never throws; after it the server holds no lock of ours. */
    @Override
    void close();
}
