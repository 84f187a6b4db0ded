package dev.replicator.observe;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Conflict;
import dev.replicator.spi.Correction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears what happens in the flow. Called by the thread it happens on: implementations are thread-safe, quick, and never
 * throw. {@code database} is the short name; positions are raw LSNs.
 */
public interface Listener {
    /** What a database is doing within a sync. */
    enum State {
        STARTING,
        /** Waits for another process that holds the slots. */
        STANDBY,
        /** Getting the rows that stand in the tables already. */
        COPYING,
        /** Reading again what it held at the restart, before it may be written. */
        JOINING,
        STREAMING,
        PAUSED,
        /** Not reachable; being tried again. */
        AWAY,
        /** Failed for a reason that needs a person. */
        FAILED,
        /** The sync does without it until a person takes it back. */
        DETACHED,
        STOPPED
    }

    /** Whether an event concerns reading from a database or writing to it. */
    enum Side {
        SOURCE,
        TARGET
    }

    default void stateChanged(String sync, String database, Side side, State state, String reason) {}

    /** {@code transactions} with {@code rows} were read; the log is read up to {@code end} of {@code serverEnd}. */
    default void read(
            String sync, String database, long transactions, long rows, long end, long serverEnd, long commitMicros) {}

    /** One batch was committed. {@code newestCommitMicros}: commit time of the newest transaction in it, 0 if unknown. */
    default void applied(
            String sync, String database, long transactions, long rows, Duration took, long newestCommitMicros) {}

    /** Work waits for a target: {@code transactions} and {@code bytes} not yet written; the oldest one's commit time. */
    default void waiting(String sync, String database, long transactions, long bytes, long oldestCommitMicros) {}

    /** How far the copying of tables to a database is; null: nothing is being copied any more. */
    default void copying(String sync, String database, @Nullable CopyStatus copy) {}

    /** So many changes are put aside at a database now; told after every batch. */
    default void quarantined(String sync, String database, long changes) {}

    /** We made a change of our own on a master, or found that it need not or cannot be made. */
    default void corrected(String sync, String database, Correction correction, Correction.Result result) {}

    default void conflict(String sync, Conflict conflict) {}

    /** The source was told that it may forget everything below {@code position}. */
    default void acknowledged(String sync, String database, long position) {}

    /** Something failed; it is tried again after {@code retryIn}, or, when that is null, it waits for a person. */
    default void failed(
            String sync, String database, Side side, ReplicatorException failure, @Nullable Duration retryIn) {}

    /** Clock of the database minus clock of this machine. */
    default void clockOffset(String sync, String database, Duration offset) {}

    /** A named wait of the sync that is not an error, or null when it is over. */
    default void waitReason(String sync, String database, @Nullable String reason) {}
}
