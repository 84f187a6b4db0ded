package dev.replicator.observe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one database of a sync is doing, at one moment.
 *
 * @param database its short name
 * @param source the reading side, or null if it is no source
 * @param target the writing side, or null if nothing is written to it
 * @param waitReason a named wait that is no error, or null
 * @param slot its replication slot, or null if it is no source or the slot has not been looked at yet
 * @param clockOffset its clock minus this machine's, or null while unknown
 * @param lastError the last failure, also after it was overcome, or null
 */
public record DatabaseStatus(
        String database,
        @Nullable SourceStatus source,
        @Nullable TargetStatus target,
        @Nullable String waitReason,
        @Nullable SlotStatus slot,
        @Nullable Duration clockOffset,
        @Nullable ErrorStatus lastError) {

    /** Whether both of its sides stream, are joining, starting, paused or detached; not when one is away, failed or stopped. */
    public boolean isHealthy() {
        return (source == null || isHealthy(source.state())) && (target == null || isHealthy(target.state()));
    }

    private static boolean isHealthy(Listener.State state) {
        return switch (state) {
            case STARTING, STANDBY, COPYING, JOINING, STREAMING, PAUSED, DETACHED -> true;
            case AWAY, FAILED, STOPPED -> false;
        };
    }
}
