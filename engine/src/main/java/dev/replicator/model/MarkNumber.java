package dev.replicator.model;

/**
 * The number of a batch in one master's log: batches are numbered within a session, and sessions by their fence numbers,
 * so that in the log of one master these numbers only rise.
 *
 * @param fence fence number of the session
 * @param batch number of the batch within it
 */
public record MarkNumber(long fence, long batch) implements Comparable<MarkNumber> {
    /** Below every number. */
    public static final MarkNumber NONE = new MarkNumber(0, 0);

    @Override
    public int compareTo(MarkNumber other) {
        int byFence = Long.compare(fence, other.fence);
        return byFence != 0 ? byFence : Long.compare(batch, other.batch);
    }

    public boolean isAbove(MarkNumber other) {
        return compareTo(other) > 0;
    }

    public MarkNumber max(MarkNumber other) {
        return other.isAbove(this) ? other : this;
    }
}
