package dev.replicator.pipeline;

import dev.replicator.model.LogEntry;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Resume;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a source: questions about its slot and clock and, once started, its log. Used by one thread, but for
 * {@link #wakeUp()}. After any exception it is useless.
 */
interface LogSession extends AutoCloseable {

    /**
     * What the server says of the slot.
     *
     * @param holder who streams from it now, in words, or empty when nobody does
     * @param confirmed what was acknowledged last
     */
    record Slot(String holder, long confirmed) {
        boolean isBusy() {
            return !holder.isEmpty();
        }
    }

    Slot slot();

    /** What the log is read on from at the position of {@link #start}, before that is called; null: that says it all. */
    default void resumeFrom(@Nullable Resume resume) {}

    /**
     * Verifies the slot and streams what committed at or after {@code position}.
     *
     * @param markSecret signs the marks in this log; empty where there are none
     * @param lastMark number of the last one below {@code position}
     */
    void start(long position, byte[] markSecret, MarkNumber lastMark);

    /**
     * Hands what has come to {@code handler}, in log order; waits up to {@code maxWait} for something to come. Sends
     * feedback when it is due.
     */
    void poll(Duration maxWait, Consumer<LogEntry> handler);

    /** Sends feedback, so that a session which is not polled for a while is not given up by the server. */
    void feedback();

    /** Tells the server that everything below {@code position} may be forgotten, soon. */
    void acknowledge(long position);

    /** The end of the server's log as last heard. */
    long serverEnd();

    /**
     * A position above everything that has committed by now, made durable by this call; something in the log follows at
     * it or above, so that the stream reaches it.
     */
    long committedEnd();

    /** The server's clock minus this machine's. */
    Duration clockOffset();

    /** Ends the present or the next wait in {@link #poll}. From any thread. */
    void wakeUp();

    @Override
    void close();
}
