package dev.replicator.spi;

import dev.replicator.model.LogEntry;
import dev.replicator.model.Resume;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session on a source that is not PostgreSQL: its log as whole transactions in commit order, each with a position that
 * only grows and what the log is read on from behind it.
 *
 * <p>Guarantees an implementation gives: from the {@link Resume} of a transaction the same ones follow, none lost and none
 * twice; without one it begins with a transaction of all rows, preceded by a TRUNCATE of their tables, or of none, and hands
 * out nothing further before that is {@link #settled}. Thread: one, but for {@link #wakeUp}. After any exception it is
 * useless.
 */
public interface Source extends AutoCloseable {
    /** Who else reads it for this sync, in words; empty: nobody does. May be asked before {@link #start}. */
    String holder();

    /** Begins to read; {@code from} null: from the beginning. Throws SLOT_BUSY if somebody else was faster. */
    void start(@Nullable Resume from);

    /** Hands out what has come, in order; waits up to {@code maxWait} for something to come. */
    void poll(Duration maxWait, Consumer<LogEntry> handler);

    /** Everything below {@code position} is durable at every target, and so is what it is read on from. */
    void settled(long position);

    /** The end of the server's log, as last heard. */
    long serverEnd();

    /** A position above everything that has committed by now; the session reaches it. */
    long committedEnd();

    /** The server's clock minus this machine's. */
    Duration clockOffset();

    /** Ends the present or the next wait in {@link #poll}. Any thread. */
    void wakeUp();

    /** Never throws. */
    @Override
    void close();
}
