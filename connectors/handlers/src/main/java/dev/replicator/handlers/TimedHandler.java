package dev.replicator.handlers;

import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * A handler that may never return, with a limit. Time is no reason to decide: the same handler may be faster tomorrow, so
 * one that has not answered in time stops the sync instead, and its thread is left to itself.
 *
 * <p>Threads: one for each question, so that one that hangs does not keep the next from being asked.
 */
final class TimedHandler implements ConflictHandler {
    private final TimedCall timed;
    private final ConflictHandler handler;

    TimedHandler(String name, ConflictHandler handler, Duration limit) {
        this.timed = new TimedCall(name, limit);
        this.handler = handler;
    }

    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        try {
            return timed.run(handler.getClass().getClassLoader(), () -> handler.decide(table, changes));
        } catch (TimeoutException e) {
            return new Answer.Stop(String.format(
                    Locale.ROOT,
                    "it did not answer within %.3f s",
                    timed.limit().toMillis() / 1000.0));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Stop("it was interrupted");
        }
    }
}
