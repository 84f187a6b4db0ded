package dev.replicator.spi;

import dev.replicator.model.Key;
import java.util.List;
import java.util.Set;

/**
 * What became of a batch.
 *
 * @param skipped keys whose guarded operation was not written, because the row there was not last written by us; the
 *     resolver learns of them from the mark, which outlives a lost session
 * @param rows rows inserted, updated and deleted
 * @param quarantined how many changes are put aside there now
 * @param refusals of those, new or tried again, the ones that are to be decided
 */
public record WriteResult(Set<Key> skipped, long rows, long quarantined, List<Refusal> refusals) {
    public WriteResult {
        skipped = Set.copyOf(skipped);
        refusals = List.copyOf(refusals);
    }

    /** Nothing was refused. */
    public WriteResult(Set<Key> skipped, long rows) {
        this(skipped, rows, 0, List.of());
    }
}
