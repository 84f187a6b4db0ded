package dev.replicator.codec;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Records outside of memory that are written one after the other and freed in any order: a row of {@link SpoolFile}s, each
 * given back when nothing in it is used any more.
 *
 * <p>What was written counts only after {@link #flush}: when a write fails (a full disk, a retryable {@code DISK} error),
 * everything since the last flush is lost, and everything before it can be read. A later write tries a new file. Written
 * by one thread; several may read.
 */
public final class Spill implements AutoCloseable {
    /** Bits of an address that say where in its file the record stands. */
    private static final int OFFSET_BITS = 36;

    private final Path directory;
    private final long segmentBytes;
    private final Map<Integer, Segment> segments = new ConcurrentSkipListMap<>();
    private int next;
    private @Nullable Segment last;
    private long bytes;

    private static final class Segment {
        private final int number;
        private final SpoolFile file;
        private long live;
        private long length;

        Segment(int number, SpoolFile file) {
            this.number = number;
            this.file = file;
        }
    }

    /** Files of about {@code segmentBytes} in {@code directory}. */
    public Spill(Path directory, long segmentBytes) {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
    }

    /** Appends a record; returns its address, 0 or more, larger than that of any record before it. */
    public long write(SpoolFile.Io<BufferedOutput, @Nullable Void> writer) {
        Segment segment = writable();
        long from = segment.length;
        segment.file.write(writer);
        segment.length = segment.file.position();
        segment.live += segment.length - from;
        bytes += segment.length - from;
        return (long) segment.number << OFFSET_BITS | from;
    }

    private Segment writable() {
        Segment segment = last;
        if (segment == null || segment.file.isBroken() || segment.length >= segmentBytes) {
            segment = new Segment(next, SpoolFile.create(directory));
            next++;
            Segment full = last;
            last = segment;
            segments.put(segment.number, segment);
            if (full != null) {
                giveBackIfUnused(full);
            }
        }
        return segment;
    }

    /** Makes sure of what was written; if that fails, all of it since the last flush is to be {@link #free}d. */
    public void flush() {
        if (last != null) {
            last.file.flush();
        }
    }

    /** Where the next record will stand at the earliest. */
    public long end() {
        return last == null ? (long) next << OFFSET_BITS : (long) last.number << OFFSET_BITS | last.length;
    }

    /** A stream from a record on; needs no closing. {@code bufferBytes}: about how much will be read. */
    public BufferedInput open(long address, int bufferBytes) {
        return segment(address).file.open(address & (1L << OFFSET_BITS) - 1, bufferBytes);
    }

    /** Reads from a stream that {@link #open} gave for {@code address}. */
    public <R extends @Nullable Object> R read(
            long address, BufferedInput stream, SpoolFile.Io<BufferedInput, R> reader) {
        return segment(address).file.read(stream, reader);
    }

    /** Gives up {@code length} bytes of records that begin at {@code address}. */
    public void free(long address, long length) {
        Segment segment = segment(address);
        segment.live -= length;
        giveBackIfUnused(segment);
    }

    private void giveBackIfUnused(Segment segment) {
        if (segment.live <= 0 && segment != last) {
            segments.remove(segment.number);
            bytes -= segment.length;
            segment.file.close();
        }
    }

    private Segment segment(long address) {
        Segment segment = segments.get((int) (address >>> OFFSET_BITS));
        if (segment == null) {
            throw new IllegalStateException("no spill file holds " + address);
        }
        return segment;
    }

    /** Bytes of all files, what is no longer used in them included. */
    public long bytes() {
        return bytes;
    }

    /** Where the records of the oldest file begin, if it is not the one that is written: the first to move away from. */
    public long oldest() {
        for (Segment segment : segments.values()) {
            return segment == last ? -1 : (long) segment.number << OFFSET_BITS;
        }
        return -1;
    }

    /** Where the records of the file of {@code address} end. */
    public long endOf(long address) {
        Segment segment = segment(address);
        return (long) segment.number << OFFSET_BITS | segment.length;
    }

    /** Gives all files back. */
    @Override
    public void close() {
        segments.values().forEach(segment -> segment.file.close());
        segments.clear();
        last = null;
    }
}
