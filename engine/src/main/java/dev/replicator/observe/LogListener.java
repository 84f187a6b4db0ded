package dev.replicator.observe;

import dev.replicator.error.ReplicatorException;
import dev.replicator.spi.Correction;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the story of a sync to the log: INFO a state changed, WARN something is tried again, ERROR something stopped
 * and waits for a person, DEBUG one batch. Silent when nothing happens. A failure that repeats is logged the first time,
 * then at its 2nd, 4th, 8th ... time with its count; a change of state starts the count anew.
 *
 * <p>Thread-safe. Source of the counting: Agrona's {@code DistinctErrorLog}.
 */
public final class LogListener implements Listener {
    private static final Logger LOG = LoggerFactory.getLogger("replicator");

    private final Map<Place, Repeated> failures = new ConcurrentHashMap<>();
    private final Map<Place, Long> quarantined = new ConcurrentHashMap<>();

    @Override
    public void stateChanged(String sync, String database, Side side, State state, String reason) {
        if (state == State.STREAMING || state == State.STOPPED) {
            Repeated repeated = failures.remove(new Place(sync, database, side));
            if (repeated != null && state == State.STREAMING) {
                LOG.info("{}: {} {} recovered after {} failure(s)", sync, database, word(side), repeated.count);
            }
        }
        LOG.info(
                "{}: {} {} {}{}",
                sync,
                database,
                word(side),
                state.name().toLowerCase(java.util.Locale.ROOT),
                reason.isEmpty() ? "" : " (" + reason + ")");
    }

    @Override
    public void failed(
            String sync, String database, Side side, ReplicatorException failure, @Nullable Duration retryIn) {
        Repeated repeated = failures.compute(
                new Place(sync, database, side),
                (place, before) -> before != null && before.primary.equals(failure.primary())
                        ? new Repeated(before.primary, before.count + 1)
                        : new Repeated(failure.primary(), 1));
        if (Long.bitCount(repeated.count) != 1) {
            return;
        }
        String times = repeated.count == 1 ? "" : " (" + repeated.count + " times in a row)";
        if (failure.kind() == ReplicatorException.Kind.RETRYABLE && retryIn != null) {
            LOG.warn("{}: {} {}{}: {}", sync, database, word(side), times, failure.formatted());
        } else {
            LOG.error("{}: {} {}{}: {}", sync, database, word(side), times, failure.formatted());
        }
        LOG.debug("{}: {} {} failed", sync, database, word(side), failure);
    }

    @Override
    public void applied(
            String sync, String database, long transactions, long rows, Duration took, long newestCommitMicros) {
        LOG.debug(
                "{}: {} applied {} transactions, {} rows in {} us",
                sync,
                database,
                transactions,
                rows,
                took.toNanos() / 1000);
    }

    @Override
    public void quarantined(String sync, String database, long changes) {
        Long before = changes == 0
                ? quarantined.remove(new Place(sync, database, Side.TARGET))
                : quarantined.put(new Place(sync, database, Side.TARGET), changes);
        if (changes > (before == null ? 0 : before)) {
            LOG.warn(
                    "{}: {} has refused changes; {} of them are put aside, see \"replicator quarantine list {}\"",
                    sync,
                    database,
                    changes,
                    sync);
        } else if (changes == 0 && before != null) {
            LOG.info("{}: {} has taken everything that was put aside", sync, database);
        }
    }

    @Override
    public void corrected(String sync, String database, Correction correction, Correction.Result result) {
        switch (result) {
            case MADE -> LOG.info("{}: {} on {}", sync, correction.reason(), database);
            case REFUSED ->
                LOG.warn(
                        "{}: could not follow a decision on {}, a constraint there is against it; what was refused stays"
                                + " as it is ({})",
                        sync,
                        database,
                        correction.reason());
            case MADE_BEFORE, ROW_DIFFERS, STILL_THERE ->
                LOG.debug("{}: a decision is not followed on {}: {}", sync, database, result);
        }
    }

    @Override
    public void acknowledged(String sync, String database, long position) {
        LOG.debug("{}: {} acknowledged up to {}", sync, database, dev.replicator.model.Lsn.format(position));
    }

    @Override
    public void waitReason(String sync, String database, @Nullable String reason) {
        LOG.info("{}: {} {}", sync, database, reason == null ? "no longer waits" : "waits: " + reason);
    }

    private static String word(Side side) {
        return side == Side.SOURCE ? "reading" : "applying";
    }

    private record Place(String sync, String database, Side side) {}

    private record Repeated(String primary, long count) {}
}
