package dev.replicator.opensearch;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;

/**
 * The external versions of documents: the fence number in the upper 31 bits, and below it, in 32 bits, the number of the
 * request within the session. The server takes a write only where the document's version is not larger, so that
 *
 * <ul>
 *   <li>within a session what was written later stands, in whichever order requests arrive;
 *   <li>no request of a session that was taken over changes what a later session has written;
 *   <li>the same request again changes nothing.
 * </ul>
 *
 * <p>A request has at most one operation for a document. Fence numbers are drawn from one counter for all syncs that share
 * an index for their progress, and never go back. Limits: 2^31 - 1 fence numbers, one for each session (one a second: 68
 * years); 2^32 - 1 requests in a session, of up to {@link BulkPage#ROWS} rows each; then a new session begins by itself.
 * One thread.
 */
final class Versions {
    static final long LARGEST_FENCE = Integer.MAX_VALUE;

    private static final int BITS = 32;
    private static final long LARGEST_REQUEST = (1L << BITS) - 1;

    private final long fence;
    private long request;

    /** {@code fence}: 1 to {@link #LARGEST_FENCE}. */
    Versions(long fence) {
        this(fence, 0);
    }

    /** {@code request}: the last that was numbered. */
    Versions(long fence, long request) {
        if (fence < 1 || fence > LARGEST_FENCE) {
            throw new IllegalArgumentException("fence number " + fence);
        }
        this.fence = fence;
        this.request = request;
    }

    /** That of the next request. */
    long next() {
        if (request == LARGEST_REQUEST) {
            throw new ReplicatorException(
                    Kind.RETRYABLE,
                    ErrorCode.TARGET_REFUSED,
                    "could not number another request",
                    "A session has at most " + LARGEST_REQUEST + "; the next begins anew.",
                    null,
                    null);
        }
        request++;
        return fence << BITS | request;
    }

    /** The fence number in a version. */
    static long fence(long version) {
        return version >> BITS;
    }
}
