package dev.replicator.codec;

import dev.replicator.model.TableName;
import java.util.List;

/**
 * The content of one logical message with a valid signature of this sync.
 *
 * @param written hashes of the keys the batch wrote
 * @param missed hashes of the keys for which it met no row
 * @param truncated tables it truncated
 */
public record DecodedMark(MarkHead head, long[] written, long[] missed, List<TableName> truncated) {
    public DecodedMark {
        truncated = List.copyOf(truncated);
    }
}
