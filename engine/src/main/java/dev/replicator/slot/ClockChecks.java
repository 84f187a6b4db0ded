package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.slot.Inspection.Seen;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Whether the masters' clocks agree within the limit, so that the latest of concurrent changes is what people expect. */
final class ClockChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        if (inspection.sync().isMultiMaster()) {
            compare(
                    inspection.sources().stream().map(Seen::facts).toList(),
                    inspection.sync().clockLimit(),
                    findings);
        }
    }

    /** Compares every two; what may be an error of measurement is not held against anybody. */
    static void compare(List<ServerFacts> masters, ClockLimit limit, Consumer<Finding> findings) {
        for (int i = 0; i < masters.size(); i++) {
            for (int j = i + 1; j < masters.size(); j++) {
                ServerFacts a = masters.get(i);
                ServerFacts b = masters.get(j);
                Duration difference = a.clockOffset().minus(b.clockOffset());
                Duration certain = difference.abs().minus(a.clockError()).minus(b.clockError());
                if (certain.compareTo(limit.limit()) > 0) {
                    String ahead = difference.isNegative() ? b.database() : a.database();
                    String behind = difference.isNegative() ? a.database() : b.database();
                    findings.accept(new Finding(
                            limit.whenExceeded() == WhenExceeded.STOP
                                    ? Finding.Severity.ERROR
                                    : Finding.Severity.WARNING,
                            ErrorCode.CLOCK,
                            ahead,
                            "the clocks of databases \"" + ahead + "\" and \"" + behind + "\" differ too much",
                            "\"" + ahead + "\" is ahead by " + seconds(difference.abs()) + " s; max_clock_offset is "
                                    + seconds(limit.limit()) + " s. Of concurrent changes, those of \"" + ahead
                                    + "\" win.",
                            "Synchronise the clocks of both servers (NTP).",
                            List.of()));
                }
            }
        }
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
    }
}
