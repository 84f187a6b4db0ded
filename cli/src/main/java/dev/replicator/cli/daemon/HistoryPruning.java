package dev.replicator.cli.daemon;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.ConflictHistory;
import dev.replicator.session.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what has been in the conflict history for longer than it is to be kept: at the start and then every {@value
 * #MINUTES} minutes. A database that is away is left for the next time. Thread: its own, one.
 */
final class HistoryPruning implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryPruning.class);
    private static final int MINUTES = 60;

    private final Supplier<List<SyncSpec>> syncs;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread created = new Thread(runnable, "history");
        created.setDaemon(true);
        return created;
    });

    /** {@code syncs}: those there are, whenever it is asked. */
    HistoryPruning(Supplier<List<SyncSpec>> syncs) {
        this.syncs = syncs;
    }

    void start() {
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::prune, 0, MINUTES, TimeUnit.MINUTES);
    }

    private void prune() {
        for (SyncSpec sync :
                syncs.get().stream().filter(SyncSpec::isMultiMaster).toList()) {
            for (DatabaseSpec master : sync.sources()) {
                try (Connection connection = Sessions.open(master, "replicator history")) {
                    long pruned = new ConflictHistory(connection)
                            .prune(sync.name(), sync.conflicts().keepHistory());
                    if (pruned > 0) {
                        LOG.info(
                                "{}: {} old entries left the conflict history of {}",
                                sync.name(),
                                pruned,
                                master.name());
                    }
                } catch (SQLException | ReplicatorException e) {
                    LOG.debug("could not prune the conflict history of {} on {}", sync.name(), master.name(), e);
                } catch (RuntimeException e) {
                    LOG.warn("could not prune the conflict history of {} on {}", sync.name(), master.name(), e);
                }
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
