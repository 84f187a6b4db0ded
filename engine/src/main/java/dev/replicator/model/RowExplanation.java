package dev.replicator.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a running sync knows of one row: the changes that are still open, and why the row is what it is.
 *
 * @param policy name of the table's policy
 * @param reason why the present value is what it is; null if no two open changes are concurrent
 * @param changes the open changes, the oldest first: those that not every database holds for certain
 * @param onTheirWay by master, how many writes of ours for this row are queued for it or not yet read back
 */
public record RowExplanation(
        String policy, @Nullable String reason, List<Change> changes, Map<String, Integer> onTheirWay) {
    public RowExplanation {
        changes = List.copyOf(changes);
        onTheirWay = Map.copyOf(onTheirWay);
    }

    /**
     * One open change.
     *
     * @param database where it was made
     * @param commitLsn its transaction there
     * @param commitMicros when, by that database's clock, microseconds since 1970
     * @param kind what it did
     * @param stands whether the row, or a column of it, is as this change left it
     * @param seenBy the later changes that were made in sight of it, each as {@code database at position}
     * @param heldBy the databases that hold it for certain
     * @param row the values it left or carried, as text; null if it removed the row
     */
    public record Change(
            String database,
            long commitLsn,
            long commitMicros,
            ChangeKind kind,
            boolean stands,
            List<String> seenBy,
            List<String> heldBy,
            @Nullable Row row) {
        public Change {
            seenBy = List.copyOf(seenBy);
            heldBy = List.copyOf(heldBy);
        }
    }
}
