package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.copy.FullCopying;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.FullCopy;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.CopyStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import dev.replicator.spi.FullLoad;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the tables of a sync whole to one database: when asked, when the timetable says so, and when one was begun and
 * not finished by an earlier process. What fails is tried again until it succeeds, after a time that doubles.
 *
 * <p>Databases are checked before each, so that tables that came or changed meanwhile are taken as they are. Thread: its
 * own; {@link #kick}, {@link #status} and {@link #close} any.
 */
final class FullCopyThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FullCopyThread.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 500;

    private final SyncSpec part;
    private final FullCopy how;
    private final Connectors connectors;
    private final BooleanSupplier isPaused;
    private final Thread thread;
    private final Instant begun = Instant.now();
    private List<CompletableFuture<Void>> asked = new ArrayList<>();
    private FullLoad.@Nullable Done last;
    private boolean known;
    private boolean owed;
    private @Nullable Instant retryAt;
    private @Nullable ErrorStatus error;
    private @Nullable FullCopying running;
    private boolean closed;

    /** {@code part}: as {@link SyncSpec#copyingTo} gives it, for one database. */
    FullCopyThread(SyncSpec part, Connectors connectors, BooleanSupplier isPaused) {
        this.part = part;
        this.how = Objects.requireNonNull(part.fullCopy());
        this.connectors = connectors;
        this.isPaused = isPaused;
        this.thread = new Thread(this::run, "fullcopy-" + part.name() + "-" + database());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private String database() {
        return part.targets().get(0).name();
    }

    /**
     * Completes when one that is begun after this call is finished; exceptionally when it fails, and then it is
     * tried again, and on a paused sync. */
    synchronized CompletableFuture<Void> kick() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (isPaused.getAsBoolean()) {
            done.completeExceptionally(ReplicatorException.fatal(
                    ErrorCode.ADMIN,
                    "cannot copy tables whole to database \"" + database() + "\": sync \"" + part.name()
                            + "\" is paused",
                    null,
                    "Run \"replicator resume\" first."));
            return done;
        }
        asked.add(done);
        notifyAll();
        return done;
    }

    private void run() {
        while (true) {
            List<CompletableFuture<Void>> waiting;
            try {
                synchronized (this) {
                    while (!closed && !isDue(Instant.now())) {
                        wait(LOOK_MILLIS);
                    }
                    if (closed) {
                        return;
                    }
                    waiting = asked;
                    asked = new ArrayList<>();
                }
            } catch (InterruptedException e) {
                return;
            }
            attempt(waiting);
        }
    }

    private boolean isDue(Instant now) {
        if (isPaused.getAsBoolean()) {
            return false;
        }
        if (!asked.isEmpty()) {
            return true;
        }
        if (retryAt != null) {
            return !now.isBefore(retryAt);
        }
        return !known || owed || next().map(next -> !now.isBefore(next)).orElse(false);
    }

    private Optional<Instant> next() {
        return how.timetable().next(last == null ? null : last.finished(), begun, ZoneId.systemDefault());
    }

    private void attempt(List<CompletableFuture<Void>> waiting) {
        try {
            if (!known) {
                recall();
            }
            if (!waiting.isEmpty() || dueByItself()) {
                copy();
            }
            synchronized (this) {
                retryAt = null;
                error = error == null ? null : error.overcome();
            }
            waiting.forEach(done -> done.complete(null));
        } catch (ReplicatorException e) {
            failed(e, waiting);
        } catch (RuntimeException e) {
            failed(ReplicatorException.bug("copying to database \"" + database() + "\" failed", e.toString()), waiting);
            LOG.error("copying to database {} failed", database(), e);
        }
    }

    private synchronized boolean dueByItself() {
        return owed || next().map(next -> !Instant.now().isBefore(next)).orElse(false);
    }

    /** What the database knows of the last one. */
    private void recall() {
        try (FullLoad load = connectors.fullLoad(part, List.of())) {
            FullLoad.Done record = load.recorded().orElse(null);
            synchronized (this) {
                last = record;
                owed = record != null && record.wanted();
                known = true;
            }
        }
    }

    private void copy() {
        synchronized (this) {
            owed = true;
        }
        Preflight.Report report = Preflight.runPart(part, connectors);
        report.findings().stream().filter(Finding::isError).findFirst().ifPresent(finding -> {
            throw finding.toException();
        });
        long start = System.nanoTime();
        try (FullCopying copying = new FullCopying(part, connectors.fullLoad(part, report.schemas()))) {
            synchronized (this) {
                if (closed) {
                    throw ending();
                }
                running = copying;
            }
            FullLoad.Done record = copying.run(report.tables());
            synchronized (this) {
                last = record;
                owed = false;
            }
            LOG.info(
                    "{}: {} has {} copied whole from {}: {} rows in {} ms",
                    part.name(),
                    database(),
                    record.tables() == 1 ? "1 table" : record.tables() + " tables",
                    how.source().name(),
                    String.format(Locale.ROOT, "%,d", record.rows()),
                    (System.nanoTime() - start) / 1_000_000);
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    private void failed(ReplicatorException failure, List<CompletableFuture<Void>> waiting) {
        synchronized (this) {
            if (closed) {
                waiting.forEach(done -> done.completeExceptionally(ending()));
                return;
            }
            Instant now = Instant.now();
            long count = error == null || !error.current() ? 1 : error.count() + 1;
            String primary = failure.primary();
            if (error == null || !error.current() || !error.primary().equals(primary)) {
                LOG.warn("{}: {}", part.name(), failure.formatted().replaceFirst("^[A-Z]+: +", ""));
            }
            error = ErrorStatus.of(failure, now, count, true);
            Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(count - 1, 10));
            retryAt = now.plus(pause.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : pause);
        }
        waiting.forEach(done -> done.completeExceptionally(failure));
    }

    synchronized FullCopyStatus status() {
        FullCopying copying = running;
        @Nullable CopyStatus progress = copying == null ? null : copying.progress();
        @Nullable String waits = null;
        boolean wanted = owed || !asked.isEmpty();
        if (copying != null && progress == null) {
            waits = "waits for another process that copies to it, or for its source";
        } else if (copying == null && wanted && isPaused.getAsBoolean()) {
            waits = "the next waits for the end of the pause";
        } else if (copying == null && retryAt != null) {
            waits = "tried again in "
                    + Math.max(0, Duration.between(Instant.now(), retryAt).toSeconds()) + " s";
        }
        FullLoad.Done done = last;
        return new FullCopyStatus(
                database(),
                done == null ? null : done.source(),
                done == null ? null : done.finished(),
                done == null ? 0 : done.rows(),
                next().orElse(null),
                waits,
                progress,
                error);
    }

    private ReplicatorException ending() {
        return ReplicatorException.retryable(
                ErrorCode.ADMIN,
                "could not copy tables whole to database \"" + database() + "\": the process ends",
                "A copy that was begun is made up for at the next start.",
                null);
    }

    @Override
    public void close() {
        FullCopying copying;
        synchronized (this) {
            closed = true;
            copying = running;
            asked.forEach(done -> done.completeExceptionally(ending()));
            asked.clear();
            notifyAll();
        }
        if (copying != null) {
            copying.close();
        }
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
