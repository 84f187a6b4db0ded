package dev.replicator.handlers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call of code that may never return, on a thread of its own that is left to itself after a limit. Any thread. */
final class TimedCall {
    private final String name;
    private final Duration limit;

    TimedCall(String name, Duration limit) {
        this.name = name;
        this.limit = limit;
    }

    Duration limit() {
        return limit;
    }

    /**
     * What the call gives, or throws.
     *
     * @param loader of the classes that the code may look up
     */
    <T> T run(ClassLoader loader, Callable<T> call) throws TimeoutException, InterruptedException {
        FutureTask<T> question = new FutureTask<>(call);
        Thread thread = new Thread(question, "handler-" + name);
        thread.setDaemon(true);
        thread.setContextClassLoader(loader);
        thread.start();
        try {
            return question.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException e) {
            thread.interrupt();
            throw e;
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
