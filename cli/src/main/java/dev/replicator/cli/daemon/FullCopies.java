package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.FullCopyStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** The databases of one sync that get tables copied whole, each with a thread of its own. Thread-safe. */
final class FullCopies implements AutoCloseable {
    private final List<FullCopyThread> threads = new ArrayList<>();

    /** {@code isPaused}: whether the sync is to leave everything as it is. */
    FullCopies(SyncSpec sync, Connectors connectors, BooleanSupplier isPaused) {
        if (sync.fullCopy() != null) {
            for (DatabaseSpec database : sync.fullCopy().databases()) {
                threads.add(new FullCopyThread(sync.copyingTo(List.of(database)), connectors, isPaused));
            }
        }
    }

    void start() {
        threads.forEach(FullCopyThread::start);
    }

    /** Completes when all tables have been copied once more, from a moment after this call, to each database. */
    CompletableFuture<Void> kick() {
        return CompletableFuture.allOf(
                threads.stream().map(FullCopyThread::kick).toArray(CompletableFuture[]::new));
    }

    List<FullCopyStatus> status() {
        return threads.stream().map(FullCopyThread::status).toList();
    }

    /** What is being copied is given up, and made up for at the next start. Never throws. */
    @Override
    public void close() {
        threads.forEach(FullCopyThread::close);
    }
}
