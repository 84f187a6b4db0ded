package dev.replicator.resolve;

import dev.replicator.codec.BufferedInput;
import dev.replicator.codec.BufferedOutput;
import dev.replicator.codec.RowCodec;
import dev.replicator.codec.Spill;
import dev.replicator.codec.SpoolFile;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Conflict;
import dev.replicator.model.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What waits and does not fit into memory, in files: operations with the nodes they are for, conflicts, and versions that
 * wait to be closed. Written by the thread that resolves; what was written may be read by others.
 */
final class Backlog implements AutoCloseable {
    private static final int STREAM_BYTES = 1 << 16;

    private final Spill spill;
    private final long itemBytes;
    private final RowCodec rows = new RowCodec();

    Backlog(MemoryLimits limits) {
        this.itemBytes = limits.itemBytes();
        this.spill = new Spill(limits.spool(), limits.segmentBytes());
    }

    /**
     * Operations in a file.
     *
     * @param count how many operations
     * @param conflicts how many conflicts
     */
    record Packed(long address, long length, int count, int conflicts) {}

    /** An operation, the nodes it is for, and where its transaction committed. */
    private record Masked(long mask, long commitLsn, Operation operation) {}

    /** Writes operations, of which those for {@code node} alone or, with -1, all; and conflicts. Safe when it returns. */
    Packed write(List<Item> items, int node) {
        int[] count = new int[2];
        long address = put(out -> {
            count[1] = writeConflicts(out, items);
            for (Item item : items) {
                for (int at = 0; at < item.size(); at++) {
                    if (node < 0 || item.isFor(at, node)) {
                        out.writeLong(node < 0 ? item.masks[at] : 1L << node);
                        out.writeLong(item.commitLsn);
                        rows.writeOperation(out, item.operation(at));
                        count[0]++;
                    }
                }
            }
            return null;
        });
        return new Packed(address, spill.end() - address, count[0], count[1]);
    }

    private int writeConflicts(BufferedOutput out, List<Item> items) throws IOException {
        int conflicts = 0;
        for (Item item : items) {
            conflicts += item.conflicts.size();
        }
        out.writeInt(conflicts);
        for (Item item : items) {
            for (Conflict conflict : item.conflicts) {
                rows.writeConflict(out, conflict);
            }
        }
        return conflicts;
    }

    private long put(SpoolFile.Io<BufferedOutput, @Nullable Void> writer) {
        long address = spill.write(writer);
        try {
            spill.flush();
        } catch (ReplicatorException e) {
            spill.free(address, spill.end() - address);
            throw e;
        }
        return address;
    }

    List<Conflict> conflicts(Packed packed) {
        BufferedInput in = spill.open(packed.address, STREAM_BYTES);
        return spill.read(packed.address, in, this::readConflicts);
    }

    private List<Conflict> readConflicts(BufferedInput in) throws IOException {
        int count = in.readInt();
        List<Conflict> conflicts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            conflicts.add(rows.readConflict(in));
        }
        return conflicts;
    }

    /**
     * The operations for a node, in order, of transactions that commit at or beyond {@code from}; with one source, without
     * what tables that were copied have already.
     */
    Iterator<Operation> operations(Packed packed, int node, long from, Copied copied) {
        return new FromFile(packed, node, from, copied);
    }

    void free(Packed packed) {
        spill.free(packed.address, packed.length);
    }

    /** Writes numbers; {@link #take} reads them, once. */
    long write(long[] numbers) {
        return put(out -> {
            for (long number : numbers) {
                out.writeLong(number);
            }
            return null;
        });
    }

    long[] take(long address, int size) {
        long[] numbers = new long[size];
        BufferedInput in = spill.open(address, STREAM_BYTES);
        spill.read(address, in, stream -> {
            for (int i = 0; i < size; i++) {
                numbers[i] = stream.readLong();
            }
            return null;
        });
        spill.free(address, (long) size * Long.BYTES);
        return numbers;
    }

    /** Memory that the operations of one item may take before they go to a file. */
    long itemBytes() {
        return itemBytes;
    }

    /** Bytes of files. */
    long bytes() {
        return spill.bytes();
    }

    @Override
    public void close() {
        spill.close();
    }

    private final class FromFile implements Iterator<Operation> {
        private final Packed packed;
        private final int node;
        private final long from;
        private final Copied copied;
        private final BufferedInput in;
        private int left;
        private @Nullable Operation next;

        FromFile(Packed packed, int node, long from, Copied copied) {
            this.copied = copied;
            this.packed = packed;
            this.node = node;
            this.from = from;
            this.left = packed.count;
            this.in = spill.open(packed.address, STREAM_BYTES);
            spill.read(packed.address, in, Backlog.this::readConflicts);
            advance();
        }

        private void advance() {
            next = null;
            while (left > 0 && next == null) {
                left--;
                Masked one = spill.read(
                        packed.address,
                        in,
                        stream -> new Masked(stream.readLong(), stream.readLong(), rows.readOperation(stream)));
                if ((one.mask >>> node & 1) != 0
                        && one.commitLsn >= from
                        && !copied.has(one.operation.table(), 0, one.commitLsn)) {
                    next = one.operation;
                }
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Operation next() {
            Operation operation = next;
            if (operation == null) {
                throw new NoSuchElementException();
            }
            advance();
            return operation;
        }
    }
}
