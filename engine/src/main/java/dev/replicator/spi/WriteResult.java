package dev.replicator.spi;

import dev.replicator.model.Key;
import java.util.Set;

/**
 * What became of a batch.
 *
 * @param skipped keys whose guarded operation was not written, because the row there was not last written by us; the
 *     resolver learns of them from the mark, which outlives a lost session
 * @param rows rows inserted, updated and deleted
 */
public record WriteResult(Set<Key> skipped, long rows) {
    public WriteResult {
        skipped = Set.copyOf(skipped);
    }
}
