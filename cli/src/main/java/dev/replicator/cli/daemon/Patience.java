package dev.replicator.cli.daemon;

import dev.replicator.cli.config.TimeSpan;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.observe.SyncStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for what a command asked of a sync, and says what it waited for when that takes too long. Any thread. */
final class Patience {
    private final Supplier<SyncStatus> status;

    Patience(Supplier<SyncStatus> status) {
        this.status = status;
    }

    /** The result, within {@code limit}; {@code doing}: what is done meanwhile, behind "could not". */
    <T> T get(CompletableFuture<T> future, Duration limit, String doing) {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw ReplicatorException.retryable(
                    ErrorCode.TIMEOUT,
                    "could not " + doing + " within " + TimeSpan.format(limit),
                    waitReasons(status.get()),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ReplicatorException known) {
                throw known;
            }
            throw ReplicatorException.bug("could not " + doing, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ReplicatorException.retryable(ErrorCode.TIMEOUT, "could not " + doing + ": interrupted", null, e);
        }
    }

    private static @Nullable String waitReasons(SyncStatus status) {
        List<String> reasons = new ArrayList<>();
        if (status.paused()) {
            reasons.add("The sync is paused.");
        }
        if (status.waitReason() != null) {
            reasons.add("The sync waits: " + status.waitReason() + ".");
        }
        status.databases().forEach(database -> reasonsOf(database, reasons));
        for (FullCopyStatus copy : status.fullCopies()) {
            String name = "Database \"" + copy.database() + "\" ";
            if (copy.copy() != null) {
                reasons.add(name + "is being filled, and that goes on: it "
                        + copy.copy().inWords() + ".");
            } else if (copy.waits() != null) {
                reasons.add(name + "is not copied to: " + copy.waits() + ".");
            }
        }
        return reasons.isEmpty() ? null : String.join(" ", reasons);
    }

    private static void reasonsOf(DatabaseStatus database, List<String> reasons) {
        String name = "Database \"" + database.database() + "\" ";
        int before = reasons.size();
        if (!database.isHealthy()) {
            reasons.add(name + "is not working: "
                    + (database.lastError() == null
                            ? "see \"replicator status\""
                            : database.lastError().primary())
                    + ".");
            return;
        }
        if (database.waitReason() != null) {
            reasons.add(name + "waits: " + database.waitReason() + ".");
        }
        if (database.source() != null && !database.source().reason().isEmpty()) {
            reasons.add(name + "is not read: " + database.source().reason() + ".");
        }
        if (database.target() != null && !database.target().reason().isEmpty()) {
            reasons.add(name + "is not written: " + database.target().reason() + ".");
        }
        if (reasons.size() == before
                && database.target() != null
                && database.target().waitingTransactions() > 0) {
            reasons.add(database.target().waitingTransactions() + " transactions wait for database \""
                    + database.database() + "\".");
        }
    }
}
