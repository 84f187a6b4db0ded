package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.FullCopyStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The databases of all syncs that get tables copied whole, each with a thread of its own. Thread-safe. */
final class FullCopies implements AutoCloseable {
    private final Map<String, List<FullCopyThread>> threads = new LinkedHashMap<>();

    /** {@code isPaused}: whether a sync is to leave everything as it is. */
    FullCopies(List<SyncSpec> syncs, Connectors connectors, Predicate<String> isPaused) {
        for (SyncSpec sync : syncs) {
            List<FullCopyThread> ofSync = new ArrayList<>();
            if (sync.fullCopy() != null) {
                for (DatabaseSpec database : sync.fullCopy().databases()) {
                    ofSync.add(new FullCopyThread(
                            sync.copyingTo(List.of(database)), connectors, () -> isPaused.test(sync.name())));
                }
            }
            threads.put(sync.name(), ofSync);
        }
    }

    void start() {
        threads.values().forEach(ofSync -> ofSync.forEach(FullCopyThread::start));
    }

    /** Completes when all tables have been copied once more, from a moment after this call, to each database. */
    CompletableFuture<Void> kick(String sync) {
        return CompletableFuture.allOf(
                of(sync).stream().map(FullCopyThread::kick).toArray(CompletableFuture[]::new));
    }

    List<FullCopyStatus> status(String sync) {
        return of(sync).stream().map(FullCopyThread::status).toList();
    }

    private List<FullCopyThread> of(String sync) {
        return threads.getOrDefault(sync, List.of());
    }

    /** What is being copied is given up, and made up for at the next start. Never throws. */
    @Override
    public void close() {
        threads.values().forEach(ofSync -> ofSync.forEach(FullCopyThread::close));
    }
}
