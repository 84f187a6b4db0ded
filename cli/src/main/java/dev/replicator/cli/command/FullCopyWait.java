package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.observe.SyncStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Has the running process copy tables whole, and tells meanwhile how far it is. */
final class FullCopyWait {
    private static final Duration LIMIT = Duration.ofDays(7);
    private static final long POLL_MILLIS = 1000;

    private final AdminClient process;
    private final String sync;
    private final PrintWriter out;
    private final Map<String, String> shown = new HashMap<>();

    FullCopyWait(AdminClient process, String sync, PrintWriter out) {
        this.process = process;
        this.sync = sync;
        this.out = out;
    }

    /** Returns when they are there; throws what keeps them from being copied. */
    void run() {
        CompletableFuture<Void> copied = CompletableFuture.runAsync(() -> process.copyWhole(sync, LIMIT));
        while (true) {
            try {
                copied.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                break;
            } catch (TimeoutException e) {
                progress();
            } catch (ExecutionException | CompletionException e) {
                throw e.getCause() instanceof ReplicatorException known
                        ? known
                        : ReplicatorException.bug("could not wait for full copies", String.valueOf(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        for (FullCopyStatus status : statuses()) {
            out.println(String.format(
                    Locale.ROOT,
                    "%s: %,d rows are copied whole from %s",
                    status.database(),
                    status.rows(),
                    status.source()));
        }
        out.flush();
    }

    private void progress() {
        for (FullCopyStatus status : statuses()) {
            String now = status.copy() != null ? status.copy().inWords() : status.waits() == null ? "" : status.waits();
            if (!now.isEmpty() && !now.equals(shown.put(status.database(), now))) {
                out.println(status.database() + ": " + now);
            }
        }
        out.flush();
    }

    private List<FullCopyStatus> statuses() {
        return process.status().stream()
                .filter(status -> status.sync().equals(sync))
                .map(SyncStatus::fullCopies)
                .findFirst()
                .orElse(List.of());
    }
}
