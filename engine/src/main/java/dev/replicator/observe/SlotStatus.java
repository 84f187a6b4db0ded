package dev.replicator.observe;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot and the log it makes its server keep.
 *
 * @param slot its name
 * @param active whether a process streams from it
 * @param retainedBytes log the server keeps for it
 * @param budgetBytes the configured budget; above it the slot is warned about
 * @param age how old the oldest change kept is, or null while unknown
 * @param budgetAge the configured budget in time
 * @param fullIn when the budget will be spent if it goes on as in the last minutes; null if it is not growing
 * @param invalidation why the server gave the slot up, or null
 */
public record SlotStatus(
        String slot,
        boolean active,
        long retainedBytes,
        long budgetBytes,
        @Nullable Duration age,
        Duration budgetAge,
        @Nullable Duration fullIn,
        @Nullable String invalidation) {

    /** Whether it needs attention: given up, over budget, or the budget is spent within the hour. */
    public boolean isWarning() {
        return invalidation != null
                || retainedBytes > budgetBytes
                || (age != null && age.compareTo(budgetAge) > 0)
                || (fullIn != null && fullIn.compareTo(Duration.ofHours(1)) < 0);
    }
}
