package dev.replicator.cli.daemon;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares databases that could not be reached at the start, when they come: tried every {@value #SECONDS} seconds, for
 * ever. Thread: its own, one.
 */
final class LatePreparation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LatePreparation.class);
    private static final int SECONDS = 5;

    private record Task(Setup setup, DatabaseSpec database, Runnable then) {}

    private final List<Task> tasks = new ArrayList<>();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread created = new Thread(runnable, "prepare");
        created.setDaemon(true);
        return created;
    });

    /** Before {@link #start}. {@code then}: done once it is prepared. */
    void add(Setup setup, DatabaseSpec database, Runnable then) {
        tasks.add(new Task(setup, database, then));
    }

    void start() {
        if (!tasks.isEmpty()) {
            ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::tryAll, SECONDS, SECONDS, TimeUnit.SECONDS);
        }
    }

    private void tryAll() {
        tasks.removeIf(this::tried);
        if (tasks.isEmpty()) {
            thread.shutdown();
        }
    }

    private boolean tried(Task task) {
        try {
            task.setup.database(task.database, false);
            task.then.run();
            return true;
        } catch (ReplicatorException e) {
            if (e.kind() != ReplicatorException.Kind.RETRYABLE) {
                tell(e);
            }
            return false;
        } catch (RuntimeException e) {
            LOG.error("could not prepare database {}", task.database.name(), e);
            return false;
        }
    }

    /** Logs a failure, once. */
    void tell(ReplicatorException failure) {
        String text = failure.formatted().replaceFirst("^ERROR: +", "");
        if (told.add(text)) {
            LOG.error("{}", text);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
