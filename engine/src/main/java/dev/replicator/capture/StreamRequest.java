package dev.replicator.capture;

import dev.replicator.model.DatabaseSpec;

/**
 * Which stream to read.
 *
 * @param database the source
 * @param slot its slot
 * @param publication whose tables are sent
 * @param position where to start: transactions that commit at or above it are sent. The server starts at what it knows
 *     to be acknowledged if that is more
 * @param form how to send it
 */
public record StreamRequest(DatabaseSpec database, String slot, String publication, long position, Form form) {

    /**
     * In which form a stream is sent.
     *
     * @param binary values in binary form; safe only if object identifiers and wire form agree on both sides
     * @param localOnly leave out what came from any replication origin; needs 16 or later
     */
    public record Form(boolean binary, boolean localOnly) {
        public static final Form TEXT = new Form(false, false);
    }
}
