package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.copy.SequenceCarrying;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has sequences brought to the targets of a sync that asks for it: every {@value #SECONDS} seconds, and once more at the
 * end. What fails is logged once, and tried the next time. Thread: its own, one.
 */
final class SequenceTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SequenceTimer.class);
    private static final int SECONDS = 5;
    private static final int LAST_SECONDS = 5;

    private final SyncSpec sync;
    private final BooleanSupplier isPaused;
    private final Set<String> told = new HashSet<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread created = new Thread(runnable, "sequences");
        created.setDaemon(true);
        return created;
    });
    private boolean started;

    SequenceTimer(SyncSpec sync, BooleanSupplier isPaused) {
        this.sync = sync;
        this.isPaused = isPaused;
    }

    void start() {
        if (!sync.sequences().isNone()) {
            started = true;
            ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::carry, 0, SECONDS, TimeUnit.SECONDS);
        }
    }

    private void carry() {
        if (isPaused.getAsBoolean()) {
            return;
        }
        SequenceCarrying carrying = new SequenceCarrying(sync);
        trying(() -> {
            SequenceCarrying.Furthest furthest = carrying.furthest();
            for (DatabaseSpec target : sync.targets()) {
                if (target.kind().equals(Connectors.POSTGRES)) {
                    trying(() -> carrying.carry(furthest, target));
                }
            }
        });
    }

    /** One that fails keeps no other from being tried. */
    private void trying(Runnable what) {
        try {
            what.run();
        } catch (ReplicatorException e) {
            String text = sync.name() + ": " + e.formatted().replaceFirst("^[A-Z]+: +", "");
            if (told.add(text)) {
                LOG.warn("{}", text);
            }
        } catch (RuntimeException e) {
            LOG.warn("could not bring sequences of {}", sync.name(), e);
        }
    }

    /** What the sources have used until now is not given out again by a target that takes over. */
    @Override
    public void close() {
        if (!started || thread.isShutdown()) {
            thread.shutdownNow();
            return;
        }
        thread.execute(this::carry);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
