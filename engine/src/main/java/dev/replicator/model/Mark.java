package dev.replicator.model;

import java.util.List;

/**
 * What a batch of ours left in the log of the master it was written to, at the place where it committed.
 *
 * <p>A large batch leaves several marks with the same numbers; they are in force together, and the last one has
 * {@code last} set. Only marks with a valid signature of this sync become such an object.
 *
 * @param commitLsn where the batch's commit record starts
 * @param end where it ends
 * @param fence the fence number of the session that wrote it
 * @param batch the batch's number within that session
 * @param held V: the positions of all sources this master holds after the batch
 * @param highest H: the largest logical time of everything resolved by then
 * @param written hashes of the keys the batch wrote
 * @param missed hashes of the keys for which it met no row
 * @param truncated names of the tables it truncated, that is, of which it wrote every key
 * @param last whether this is the batch's last mark
 * @param xid the batch's 32-bit transaction id on this master
 */
public record Mark(
        long commitLsn,
        long end,
        long fence,
        long batch,
        Positions held,
        long highest,
        long[] written,
        long[] missed,
        List<TableName> truncated,
        boolean last,
        int xid)
        implements LogEntry {

    public MarkNumber number() {
        return new MarkNumber(fence, batch);
    }
}
