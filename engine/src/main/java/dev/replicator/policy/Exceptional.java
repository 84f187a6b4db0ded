package dev.replicator.policy;

import dev.replicator.model.ChangeKind;
import dev.replicator.spi.Refusal;
import java.util.List;

/**
 * A refused change, with what is known of where its rows come from.
 *
 * @param database short name of the database that refused it
 * @param others in the order of the refusal's
 */
public record Exceptional(String database, Refusal refusal, Origin refused, List<Origin> others) {
    public Exceptional {
        others = List.copyOf(others);
    }

    /**
     * Where a row was changed last.
     *
     * @param database its short name; empty when that is no longer known
     * @param commitLsn its transaction; 0: unknown
     * @param commitMicros microseconds since 1970; 0: unknown
     */
    public record Origin(String database, long commitLsn, long commitMicros, ChangeKind kind) {}
}
