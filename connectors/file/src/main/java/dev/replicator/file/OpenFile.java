package dev.replicator.file;

import java.nio.file.Path;

/**
 * The file of a folder that a session appends to, or one that a session has begun to take over. Only one counts, {@link
 * Folder#current}; its name tells who may write.
 *
 * @param number of the file within the folder, from 1
 * @param fence number of the session that holds it
 * @param isTaken a session with this fence number has taken it over from another and does not write to it yet
 */
record OpenFile(Path path, long number, long fence, boolean isTaken) implements Comparable<OpenFile> {
    /** Who holds the higher fence number has taken over; of one session's files the later counts. */
    @Override
    public int compareTo(OpenFile other) {
        int byFence = Long.compare(fence, other.fence);
        int byNumber = Long.compare(number, other.number);
        return byFence != 0 ? byFence : byNumber != 0 ? byNumber : Boolean.compare(other.isTaken, isTaken);
    }
}
