package dev.replicator.observe;

import dev.replicator.error.ReplicatorException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A failure as shown in the status.
 *
 * @param at when it happened last
 * @param count how often in a row
 * @param current whether it still stands: nothing has worked since
 */
public record ErrorStatus(
        String code,
        String primary,
        @Nullable String detail,
        @Nullable String hint,
        @Nullable String context,
        Instant at,
        long count,
        boolean current) {

    /** The same, once something has worked since. */
    public ErrorStatus overcome() {
        return new ErrorStatus(code, primary, detail, hint, context, at, count, false);
    }

    public static ErrorStatus of(ReplicatorException failure, Instant at, long count, boolean current) {
        return new ErrorStatus(
                failure.code().name(),
                failure.primary(),
                failure.detail(),
                failure.hint(),
                failure.context(),
                at,
                count,
                current);
    }
}
