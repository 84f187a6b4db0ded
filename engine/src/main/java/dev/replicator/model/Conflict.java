package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * One committed change that was discarded, with what won over it and why. Identified by the loser: (source, commit LSN,
 * table, key); storing it twice is storing it once.
 *
 * @param type PostgreSQL's conflict type name, for instance {@code update_origin_differs}
 * @param loser the discarded version
 * @param winner the version that stands
 * @param policy name of the policy that decided; of a table with counters followed by {@code ", delta"}
 * @param reason one sentence for a person: why the winner won
 */
public record Conflict(String type, Side loser, Side winner, String policy, String reason) {

    /**
     * One side of a conflict.
     *
     * @param database short name of the database where the change was made
     * @param commitLsn its transaction
     * @param commitMicros commit time by that database's clock, microseconds since 1970
     * @param kind what it did
     * @param key the key it did it to
     * @param row the values it carried; for a DELETE the key columns
     */
    public record Side(
            String database,
            long commitLsn,
            long commitMicros,
            ChangeKind kind,
            Key key,
            @Nullable Row row) {}
}
