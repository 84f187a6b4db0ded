package dev.replicator.observe;

/**
 * The reading side of a database.
 *
 * @param state what it is doing
 * @param reason why, in a few words; empty when the state says it all
 * @param position everything below it has been read
 * @param serverEnd the end of the server's log as last heard
 * @param acknowledged everything below it may be forgotten by the server
 * @param transactions read since the process started
 * @param rows read since the process started
 * @param conflicts changes made here that lost against another, since the process started
 */
public record SourceStatus(
        Listener.State state,
        String reason,
        long position,
        long serverEnd,
        long acknowledged,
        long transactions,
        long rows,
        long conflicts) {

    /** Bytes of log not yet read; 0 when nothing has been heard from the server. */
    public long lagBytes() {
        return Math.max(0, serverEnd - position);
    }
}
