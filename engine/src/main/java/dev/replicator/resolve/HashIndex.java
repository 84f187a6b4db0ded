package dev.replicator.resolve;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * From 64-bit hashes to numbers, outside of the heap: open addressing over a mapped temporary file that is deleted at
 * once. 16 bytes a slot, at most half full. One thread.
 *
 * <p>The file is written in full when it is made, so that a full disk is an error then, and no broken mapping later.
 */
final class HashIndex implements AutoCloseable {
    private static final int SLOT_BYTES = 16;
    private static final int SLOTS_PER_BUFFER = 1 << 26;
    private static final long GONE = -1;

    private final ByteBuffer[] buffers;
    private final long mask;
    private long used;

    /** An empty one with room for {@code size} entries. */
    HashIndex(Path directory, long size) {
        long slots = Long.highestOneBit(Math.max(8, size * 2) - 1) << 1;
        this.mask = slots - 1;
        this.buffers = new ByteBuffer[(int) ((slots + SLOTS_PER_BUFFER - 1) / SLOTS_PER_BUFFER)];
        try {
            map(directory, slots);
        } catch (IOException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.DISK,
                    "could not make an index of " + size + " rows in " + directory.toAbsolutePath(),
                    e.getMessage(),
                    "Free some space there, or set another folder with -Djava.io.tmpdir.",
                    e);
        }
    }

    private void map(Path directory, long slots) throws IOException {
        if (slots <= 1 << 16) {
            buffers[0] = ByteBuffer.allocate((int) slots * SLOT_BYTES);
            return;
        }
        Files.createDirectories(directory);
        Path file = Files.createTempFile(directory, "replicator-", ".index");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
            for (long written = 0; written < slots * SLOT_BYTES; written += zeros.capacity()) {
                zeros.clear();
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
            }
            for (int i = 0; i < buffers.length; i++) {
                long first = (long) i * SLOTS_PER_BUFFER;
                long count = Math.min(SLOTS_PER_BUFFER, slots - first);
                buffers[i] = channel.map(FileChannel.MapMode.READ_WRITE, first * SLOT_BYTES, count * SLOT_BYTES);
            }
        }
    }

    /** Enters a number under a hash that is not in it; one that was in it before gets its old slot. */
    void put(long hash, long number) {
        long slot = hash & mask;
        while (number(slot) != 0 && !(number(slot) == GONE && buffer(slot).getLong(at(slot)) == hash)) {
            slot = slot + 1 & mask;
        }
        if (number(slot) == 0) {
            used++;
        }
        buffer(slot).putLong(at(slot), hash);
        setNumber(slot, number + 1);
    }

    /** The number under a hash, or -1. */
    long get(long hash) {
        long slot = find(hash);
        return slot < 0 ? -1 : number(slot) - 1;
    }

    /** Takes a hash out. */
    void remove(long hash) {
        long slot = find(hash);
        if (slot >= 0) {
            setNumber(slot, GONE);
        }
    }

    /** Slots that were ever used; with more than half of all, it gets slow. */
    long used() {
        return used;
    }

    long slots() {
        return mask + 1;
    }

    /** The number in a slot, or -1: for who visits all of them. */
    long numberIn(long slot) {
        return number(slot) <= 0 ? -1 : number(slot) - 1;
    }

    /** The hash in a slot that has a number. */
    long hashIn(long slot) {
        return buffer(slot).getLong(at(slot));
    }

    private long find(long hash) {
        for (long slot = hash & mask; number(slot) != 0; slot = slot + 1 & mask) {
            if (number(slot) != GONE && buffer(slot).getLong(at(slot)) == hash) {
                return slot;
            }
        }
        return -1;
    }

    private ByteBuffer buffer(long slot) {
        return buffers[(int) (slot / SLOTS_PER_BUFFER)];
    }

    private static int at(long slot) {
        return (int) (slot % SLOTS_PER_BUFFER) * SLOT_BYTES;
    }

    private long number(long slot) {
        return buffer(slot).getLong(at(slot) + 8);
    }

    private void setNumber(long slot, long number) {
        buffer(slot).putLong(at(slot) + 8, number);
    }

    /** Lets go of the memory; the file is gone already. */
    @Override
    public void close() {
        java.util.Arrays.fill(buffers, ByteBuffer.allocate(0));
    }
}
