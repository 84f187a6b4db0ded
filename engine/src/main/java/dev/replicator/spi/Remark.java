package dev.replicator.spi;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a connector found when its database was examined, in the grammar of an error.
 *
 * @param severity whether it keeps the sync from running
 * @param detail the facts
 * @param hint what to do about it
 * @param fix statements that mend it when run by somebody who may; empty when there are none
 */
public record Remark(
        Severity severity,
        ErrorCode code,
        String primary,
        @Nullable String detail,
        @Nullable String hint,
        List<String> fix) {
    public Remark {
        fix = List.copyOf(fix);
    }

    /** How much it matters. */
    public enum Severity {
        /** The sync cannot run. */
        ERROR,
        /** It runs, but something is lost or will go wrong under some condition. */
        WARNING,
        /** Worth knowing. */
        NOTICE
    }

    /** What an exception says. */
    public static Remark of(ReplicatorException failure) {
        return new Remark(
                Severity.ERROR, failure.code(), failure.primary(), failure.detail(), failure.hint(), List.of());
    }
}
