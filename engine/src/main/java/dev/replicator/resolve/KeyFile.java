package dev.replicator.resolve;

import dev.replicator.codec.BufferedInput;
import dev.replicator.codec.Spill;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Open keys outside of the heap, by hash: records in spill files, found by an index in a mapped file, 32 bytes a key. One
 * thread.
 *
 * <p>Design: a key that comes back to memory leaves a hole. When more than half of the files is holes, the oldest one is
 * emptied: what still counts in it is written once more at the end.
 */
final class KeyFile implements AutoCloseable {
    private static final int FIRST_SIZE = 1 << 15;
    private static final int READ_BYTES = 512;
    private static final int GROUP = 256;

    private final KeyStateCodec codec;
    private final Path directory;
    private final long segmentBytes;
    private final Spill spill;
    private HashIndex index;
    private long size;
    private long liveBytes;
    private boolean visiting;

    KeyFile(KeyStateCodec codec, Path directory, long segmentBytes) {
        this.codec = codec;
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.spill = new Spill(directory, segmentBytes);
        this.index = new HashIndex(directory, FIRST_SIZE);
    }

    /** A record: hash, length of what follows, keys. */
    private record Written(long hash, long address, int length) {}

    /** Writes keys, each list of one hash, that are not in it. All or none: a full disk changes nothing. */
    void write(List<List<KeyState>> chains) {
        grow(chains.size());
        List<Written> written = new ArrayList<>(chains.size());
        try {
            for (List<KeyState> chain : chains) {
                written.add(writeOne(chain));
            }
            spill.flush();
        } catch (RuntimeException e) {
            written.forEach(one -> spill.free(one.address, one.length));
            throw e;
        }
        for (Written one : written) {
            enter(one);
        }
    }

    private Written writeOne(List<KeyState> chain) {
        byte[] bytes = codec.toBytes(chain);
        long hash = chain.get(0).key.hash();
        long address = spill.write(out -> {
            out.writeLong(hash);
            out.writeInt(bytes.length);
            out.write(bytes);
            return null;
        });
        return new Written(hash, address, Long.BYTES + Integer.BYTES + bytes.length);
    }

    private void enter(Written one) {
        index.put(one.hash, one.address);
        size++;
        liveBytes += one.length;
    }

    /** The keys of a hash, which leave the file; empty if there are none. */
    List<KeyState> take(long hash) {
        long address = index.get(hash);
        if (address < 0) {
            return List.of();
        }
        List<KeyState> chain = new ArrayList<>(1);
        int length = read(address, chain);
        index.remove(hash);
        size--;
        liveBytes -= length;
        spill.free(address, length);
        tidy();
        return chain;
    }

    boolean has(long hash) {
        return index.get(hash) >= 0;
    }

    private int read(long address, List<KeyState> into) {
        BufferedInput in = spill.open(address, READ_BYTES);
        return spill.read(address, in, stream -> {
            stream.readLong();
            byte[] bytes = new byte[stream.readInt()];
            stream.readFully(bytes);
            into.addAll(codec.fromBytes(bytes));
            return Long.BYTES + Integer.BYTES + bytes.length;
        });
    }

    /**
     * Visits every key that was written before {@link #end} was {@code end}. What is left of a chain is written again, or kept by {@code keep} if that
     * cannot be. The actions may use the window, as long as they do not ask for other keys.
     */
    void forEach(long end, UnaryOperator<List<KeyState>> action, Consumer<List<KeyState>> keep) {
        visiting = true;
        List<List<KeyState>> left = new ArrayList<>();
        for (long slot = 0; slot < index.slots(); slot++) {
            long address = index.numberIn(slot);
            if (address >= 0 && address < end) {
                List<KeyState> chain = action.apply(take(index.hashIn(slot)));
                if (!chain.isEmpty()) {
                    left.add(chain);
                }
            }
            if (left.size() == GROUP || slot == index.slots() - 1) {
                writeOrKeep(left, keep);
                left.clear();
            }
        }
        visiting = false;
        tidy();
    }

    private void writeOrKeep(List<List<KeyState>> chains, Consumer<List<KeyState>> keep) {
        try {
            write(chains);
        } catch (ReplicatorException e) {
            // No space for them: they stay in memory, and whoever fills it is told then.
            chains.forEach(keep);
        }
    }

    private void tidy() {
        if (visiting || spill.bytes() <= 2 * liveBytes + 2 * segmentBytes) {
            return;
        }
        long from = spill.oldest();
        if (from >= 0) {
            try {
                moveAway(from);
            } catch (ReplicatorException e) {
                // No space for a second copy now: nothing has changed, and the next key that leaves tries again.
                return;
            }
        }
    }

    /** Writes what still counts in one file once more; then the file is given back by itself. */
    private void moveAway(long from) {
        long end = spill.endOf(from);
        BufferedInput in = spill.open(from, 1 << 16);
        List<Written> old = new ArrayList<>();
        for (long at = from; at < end; ) {
            Written one = spill.read(from, in, KeyFile::skip);
            if (index.get(one.hash) == at) {
                old.add(new Written(one.hash, at, one.length));
            }
            at += one.length;
        }
        List<Written> copies = new ArrayList<>(old.size());
        try {
            for (Written one : old) {
                copies.add(copy(one));
            }
            spill.flush();
        } catch (RuntimeException e) {
            copies.forEach(one -> spill.free(one.address, one.length));
            throw e;
        }
        for (int i = 0; i < old.size(); i++) {
            index.remove(old.get(i).hash);
            index.put(old.get(i).hash, copies.get(i).address);
            spill.free(old.get(i).address, old.get(i).length);
        }
    }

    private Written copy(Written one) {
        byte[] bytes = new byte[one.length];
        BufferedInput in = spill.open(one.address, READ_BYTES);
        spill.read(one.address, in, stream -> {
            stream.readFully(bytes);
            return null;
        });
        long address = spill.write(out -> {
            out.write(bytes);
            return null;
        });
        return new Written(one.hash, address, one.length);
    }

    private static Written skip(BufferedInput in) throws IOException {
        long hash = in.readLong();
        int length = in.readInt();
        in.skipNBytes(length);
        return new Written(hash, 0, Long.BYTES + Integer.BYTES + length);
    }

    private void grow(int more) {
        if (index.used() + more <= index.slots() / 2 || visiting) {
            return;
        }
        HashIndex larger = new HashIndex(directory, 2 * (size + more));
        for (long slot = 0; slot < index.slots(); slot++) {
            if (index.numberIn(slot) >= 0) {
                larger.put(index.hashIn(slot), index.numberIn(slot));
            }
        }
        index.close();
        index = larger;
    }

    /** Larger than the address of anything written so far. */
    long end() {
        return spill.end();
    }

    /** How many hashes. */
    long size() {
        return size;
    }

    /** Bytes of all its files. */
    long bytes() {
        return spill.bytes() + index.slots() * 2 * Long.BYTES;
    }

    @Override
    public void close() {
        spill.close();
        index.close();
    }
}
