package dev.replicator.cli.status;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.SlotStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Slot;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the slots of all sources every {@value #SECONDS} seconds, warns when one is over its budget, and forecasts from
 * the last minutes when the budget will be spent.
 *
 * <p>Threads: its own, one; results are read by any. Sessions are kept between looks, one per source. A database that
 * cannot be asked is left out until the next look; whoever reads from it reports why.
 */
public final class SlotWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);
    private static final int SECONDS = 10;

    private final Map<String, SyncSpec> syncs = new ConcurrentSkipListMap<>();
    private final Map<String, SlotStatus> latest = new ConcurrentHashMap<>();
    private final Map<String, SlotHistory> histories = new HashMap<>();
    private final Map<String, Connection> sessions = new HashMap<>();
    private final Map<String, Boolean> warned = new HashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread created = new Thread(runnable, "slots");
        created.setDaemon(true);
        return created;
    });

    /** From now on, the slots of this sync too. */
    public void watch(SyncSpec sync) {
        syncs.put(sync.name(), sync);
    }

    /** No more, and nothing is known of it. Its databases may be elsewhere when it is watched again. */
    public void forget(String sync) {
        SyncSpec gone = syncs.remove(sync);
        if (gone != null && !thread.isShutdown()) {
            thread.execute(() -> {
                for (DatabaseSpec source : gone.sources()) {
                    close(source.name());
                    String key = key(sync, source.name());
                    latest.remove(key);
                    histories.remove(key);
                    warned.remove(key);
                }
            });
        }
    }

    public void start() {
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(this::look, 1, SECONDS, TimeUnit.SECONDS);
    }

    /** The status with what is known of the slots. */
    public SyncStatus with(SyncStatus sync) {
        List<DatabaseStatus> databases = new ArrayList<>();
        for (DatabaseStatus database : sync.databases()) {
            SlotStatus slot = latest.get(key(sync.sync(), database.database()));
            databases.add(
                    slot == null
                            ? database
                            : new DatabaseStatus(
                                    database.database(),
                                    database.source(),
                                    database.target(),
                                    database.waitReason(),
                                    slot,
                                    database.clockOffset(),
                                    database.lastError()));
        }
        return new SyncStatus(
                sync.sync(),
                sync.paused(),
                sync.waitReason(),
                databases,
                sync.conflicts(),
                sync.tables(),
                sync.fullCopies());
    }

    private static String key(String sync, String database) {
        return sync + "/" + database;
    }

    private void look() {
        for (SyncSpec sync : syncs.values()) {
            for (DatabaseSpec source : sync.sources()) {
                try {
                    look(sync, source);
                } catch (ReplicatorException | SQLException e) {
                    LOG.debug("could not look at the slot of {} on {}", sync.name(), source.name(), e);
                    close(source.name());
                } catch (RuntimeException e) {
                    LOG.warn("could not look at the slot of {} on {}", sync.name(), source.name(), e);
                    close(source.name());
                }
            }
        }
    }

    private void close(String database) {
        Connection session = sessions.remove(database);
        if (session != null) {
            Sessions.closeQuietly(session);
        }
    }

    private void look(SyncSpec sync, DatabaseSpec source) throws SQLException {
        Connection session = sessions.get(source.name());
        if (session == null) {
            session = Sessions.open(source, "replicator slots");
            session.setNetworkTimeout(Runnable::run, 30_000);
            sessions.put(source.name(), session);
        }
        Optional<Slot> found = new Slots(session, source.name()).find(ServerNames.slot(sync.name(), source.name()));
        String key = key(sync.name(), source.name());
        if (found.isEmpty()) {
            latest.remove(key);
            return;
        }
        Slot slot = found.get();
        SlotHistory history = histories.computeIfAbsent(key, k -> new SlotHistory());
        history.add(Instant.now(), slot.restartLsn(), slot.retainedBytes());
        SlotStatus plain = ServerStatus.slotStatus(sync, slot);
        SlotStatus status = new SlotStatus(
                plain.slot(),
                plain.active(),
                plain.retainedBytes(),
                plain.budgetBytes(),
                history.age(),
                plain.budgetAge(),
                history.fullIn(plain.budgetBytes()),
                plain.invalidation());
        latest.put(key, status);
        warn(key, source.name(), status);
    }

    private void warn(String key, String database, SlotStatus status) {
        boolean before = Boolean.TRUE.equals(warned.put(key, status.isWarning()));
        if (status.isWarning() && !before) {
            List<String> notes = new ArrayList<>();
            StatusText.slotNote(database + ": ", status, notes);
            LOG.warn("{}", String.join(" ", notes).replaceFirst("^(WARNING|ERROR): +", ""));
        } else if (before && !status.isWarning()) {
            LOG.info("{}: slot \"{}\" is within its budget again", database, status.slot());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List.copyOf(sessions.keySet()).forEach(this::close);
    }

    /** What a slot kept over the last minutes. */
    static final class SlotHistory {
        private static final Duration SPAN = Duration.ofMinutes(10);
        private static final Duration LEAST = Duration.ofSeconds(60);
        private static final Duration FARTHEST = Duration.ofDays(7);
        private static final int MOST_ENDS = 4096;

        private record Sample(Instant at, long restart, long retained) {
            long end() {
                return restart + retained;
            }
        }

        private final List<Sample> samples = new ArrayList<>();
        /** Where the log ended when, to know how old a position is; thinned out as it grows. */
        private final List<Sample> ends = new ArrayList<>();

        void add(Instant at, long restart, long retained) {
            Sample sample = new Sample(at, restart, retained);
            samples.add(sample);
            samples.removeIf(s -> s.at.isBefore(at.minus(SPAN)));
            ends.add(sample);
            while (ends.size() > 1 && ends.get(1).end() <= restart) {
                ends.remove(0);
            }
            if (ends.size() > MOST_ENDS) {
                for (int i = ends.size() - 2; i > 0; i -= 2) {
                    ends.remove(i);
                }
            }
        }

        /** How long ago the log ended where the slot starts now: at least that old is what it keeps. */
        @Nullable
        Duration age() {
            Sample last = samples.get(samples.size() - 1);
            return last.retained == 0 ? Duration.ZERO : Duration.between(ends.get(0).at, last.at);
        }

        /** Null if it does not grow, or not soon enough to matter. */
        @Nullable
        Duration fullIn(long budget) {
            Sample first = samples.get(0);
            Sample last = samples.get(samples.size() - 1);
            Duration span = Duration.between(first.at, last.at);
            long grown = last.retained - first.retained;
            boolean moved = last.restart != first.restart;
            if (span.compareTo(LEAST) < 0 || grown <= 0 || moved || last.retained >= budget) {
                return null;
            }
            double seconds = (double) (budget - last.retained) / grown * span.toSeconds();
            return seconds > FARTHEST.toSeconds() ? null : Duration.ofSeconds((long) seconds);
        }
    }
}
