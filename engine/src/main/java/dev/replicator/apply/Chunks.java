package dev.replicator.apply;

import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The chunks of one batch: merged while they are iterated, so that a batch of any size needs memory for one chunk. What
 * fits into one chunk is merged once and kept for further attempts.
 */
public final class Chunks implements Iterable<Chunk> {
    private final Iterable<Operation> operations;
    private final int limit;

    private Chunks(Iterable<Operation> operations, int limit) {
        this.operations = operations;
        this.limit = limit;
    }

    /** Chunks of at most {@code limit} operations; {@code size} is how many operations there are in all. */
    public static Iterable<Chunk> of(Iterable<Operation> operations, long size, int limit) {
        if (size == 0) {
            return List.of();
        }
        if (size <= limit) {
            return List.of(Merge.take(operations.iterator(), limit));
        }
        return new Chunks(operations, limit);
    }

    @Override
    public Iterator<Chunk> iterator() {
        Iterator<Operation> source = operations.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public Chunk next() {
                if (!source.hasNext()) {
                    throw new NoSuchElementException();
                }
                return Merge.take(source, limit);
            }
        };
    }
}
