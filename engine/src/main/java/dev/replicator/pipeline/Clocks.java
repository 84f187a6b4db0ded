package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.Listener.Side;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** Watches how far the clocks of a sync's sources are apart, and warns about, or stops, the one that runs ahead. */
final class Clocks {
    private static final Duration NEXT_LOOK = Duration.ofSeconds(30);

    private Clocks() {}

    static void check(Wiring wiring, List<SourceSide> sources) {
        List<SourceSide> known = sources.stream()
                .filter(source -> source.clockOffset != null)
                .sorted(Comparator.comparing(Clocks::offset))
                .toList();
        if (known.size() < 2) {
            return;
        }
        SourceSide behind = known.get(0);
        SourceSide ahead = known.get(known.size() - 1);
        Duration apart = offset(ahead).minus(offset(behind));
        SyncSpec.ClockLimit limit = wiring.sync().clockLimit();
        if (apart.compareTo(limit.limit()) <= 0) {
            return;
        }
        ReplicatorException failure = apart(ahead.name, behind.name, apart, limit);
        if (limit.whenExceeded() == SyncSpec.WhenExceeded.STOP) {
            ahead.capture.tell(new CaptureThread.Command.Fail(failure));
        } else {
            wiring.listener().failed(wiring.sync().name(), ahead.name, Side.SOURCE, failure, NEXT_LOOK);
        }
    }

    private static Duration offset(SourceSide source) {
        Duration offset = source.clockOffset;
        return offset == null ? Duration.ZERO : offset;
    }

    private static ReplicatorException apart(String ahead, String behind, Duration apart, SyncSpec.ClockLimit limit) {
        boolean stop = limit.whenExceeded() == SyncSpec.WhenExceeded.STOP;
        return new ReplicatorException(
                stop ? ReplicatorException.Kind.FATAL : ReplicatorException.Kind.RETRYABLE,
                ErrorCode.CLOCK,
                "the clock of database \"" + ahead + "\" is ahead of that of \"" + behind + "\" by more than the limit",
                "They are " + apart.toMillis() + " ms apart; max_clock_offset is "
                        + limit.limit().toMillis() + " ms.",
                "Set the server's clock (NTP), or raise max_clock_offset.",
                null);
    }
}
