package dev.replicator.model;

/**
 * The changes of one transaction in the order in which they were made; too many for memory stand in a file.
 *
 * <p>May be iterated any number of times, by several threads at once. {@link #close()} gives up the file, if any.
 */
public interface Changes extends Iterable<Change>, AutoCloseable {
    long size();

    /** The change of a number, counted from 0. Quick enough for now and then, not for all of them. */
    Change get(long number);

    /** Bytes of memory held (not of file). */
    long memoryBytes();

    @Override
    void close();
}
