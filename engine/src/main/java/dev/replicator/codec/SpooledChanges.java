package dev.replicator.codec;

import dev.replicator.model.Change;
import dev.replicator.model.Changes;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one transaction: in memory up to a limit, beyond it all of them in a temporary file.
 *
 * <p>Filled by {@link #add} first, then only read. Memory held is bounded by the limit, whatever the transaction's size.
 * Filled by one thread; then several may iterate it at the same time. A full disk is a {@code DISK} error.
 */
public final class SpooledChanges implements Changes {
    /** What one transaction may hold in memory unless said otherwise. */
    public static final long DEFAULT_MEMORY_BYTES = 8L << 20;

    private static final int CHANGE_BYTES = 48;
    /** The place of every so manieth change in the file is kept. */
    private static final int MILESTONE = 256;

    private static final int KEY_BYTES = 56;

    private final Path directory;
    private final long memoryLimitBytes;
    private List<Change> inMemory = new ArrayList<>(1);
    private @Nullable Spilled spilled;
    private long memoryBytes;
    private long size;

    public SpooledChanges(Path directory, long memoryLimitBytes) {
        this.directory = directory;
        this.memoryLimitBytes = memoryLimitBytes;
    }

    /** In memory as far as usual, then in the system's folder for temporary files. */
    public SpooledChanges() {
        this(Path.of(System.getProperty("java.io.tmpdir", ".")), DEFAULT_MEMORY_BYTES);
    }

    /** Changes that are there already, for tests and small transactions. */
    public static SpooledChanges of(Change... changes) {
        SpooledChanges all = new SpooledChanges();
        for (Change change : changes) {
            all.add(change);
        }
        return all;
    }

    public void add(Change change) {
        size++;
        if (spilled != null) {
            spilled.append(change);
            return;
        }
        inMemory.add(change);
        memoryBytes += bytesOf(change);
        if (memoryBytes > memoryLimitBytes) {
            spill();
        }
    }

    /** Bytes of memory that a change keeps alive, roughly. */
    @SuppressWarnings("ReferenceEquality") // old and new row often share their message's array
    public static long bytesOf(Change change) {
        long bytes = CHANGE_BYTES;
        Key key = change.key();
        if (key != null) {
            bytes += KEY_BYTES + key.canonical().length;
        }
        Row row = change.row();
        if (row != null) {
            bytes += row.sizeBytes();
        }
        Row old = change.old();
        if (old != null && (row == null || row.bytes() != old.bytes())) {
            bytes += old.sizeBytes();
        }
        return bytes;
    }

    private void spill() {
        Spilled file = new Spilled(SpoolFile.create(directory), new RowCodec(), new ArrayList<>(), new AtomicLong());
        spilled = file;
        inMemory.forEach(file::append);
        inMemory = List.of();
        memoryBytes = 0;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Change get(long number) {
        if (spilled == null) {
            return inMemory.get((int) number);
        }
        int stone = (int) (number / MILESTONE);
        Iterator<Change> from = new FileIterator(spilled, spilled.file.open(spilled.milestones.get(stone)), size);
        for (long skip = number % MILESTONE; skip > 0; skip--) {
            from.next();
        }
        return from.next();
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    /** Whether the changes stand in a file. */
    public boolean isSpilled() {
        return spilled != null;
    }

    @Override
    public Iterator<Change> iterator() {
        return spilled == null
                ? Collections.unmodifiableList(inMemory).iterator()
                : new FileIterator(spilled, spilled.file.open(), size);
    }

    /** Gives up the file, if any. Never throws. */
    @Override
    public void close() {
        if (spilled != null) {
            spilled.file.close();
        }
    }

    /** The file and what its numbers mean. */
    private record Spilled(SpoolFile file, RowCodec codec, List<Long> milestones, AtomicLong count) {
        void append(Change change) {
            if (count.getAndIncrement() % MILESTONE == 0) {
                milestones.add(file.position());
            }
            file.write(out -> {
                codec.writeChange(out, change);
                return null;
            });
        }
    }

    /** Reads the file from its start. */
    private static final class FileIterator implements Iterator<Change> {
        private final Spilled from;
        private final BufferedInput in;
        private long left;

        FileIterator(Spilled from, BufferedInput in, long count) {
            this.from = from;
            this.in = in;
            this.left = count;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Change next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            left--;
            return from.file.read(in, from.codec::readChange);
        }
    }
}
