package dev.replicator.handlers;

import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A handler that may never return, with a limit. Time is no reason to decide: the same handler may be faster tomorrow, so
 * one that has not answered in time stops the sync instead, and its thread is left to itself.
 *
 * <p>Threads: one for each question, so that one that hangs does not keep the next from being asked.
 */
final class TimedHandler implements ConflictHandler {
    private final String name;
    private final ConflictHandler handler;
    private final Duration limit;

    TimedHandler(String name, ConflictHandler handler, Duration limit) {
        this.name = name;
        this.handler = handler;
        this.limit = limit;
    }

    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        FutureTask<Answer> question = new FutureTask<>(() -> handler.decide(table, changes));
        Thread thread = new Thread(question, "handler-" + name);
        thread.setDaemon(true);
        thread.setContextClassLoader(handler.getClass().getClassLoader());
        thread.start();
        try {
            return question.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            return new Answer.Stop(
                    String.format(Locale.ROOT, "it did not answer within %.3f s", limit.toMillis() / 1000.0));
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return new Answer.Stop("it was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new HandlerFailure("it threw " + e.getCause(), e);
        }
    }
}
