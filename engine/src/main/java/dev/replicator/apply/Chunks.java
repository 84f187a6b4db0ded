package dev.replicator.apply;

import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of one batch: merged while they are iterated, so that a batch of any size needs memory for one chunk. What
 * fits into one chunk is merged once and kept for further attempts. A MOVE is a chunk of its own, so that nothing on
 * either of its keys is merged across it.
 */
public final class Chunks implements Iterable<Chunk> {
    private final Iterable<Operation> operations;
    private final int limit;

    private Chunks(Iterable<Operation> operations, int limit) {
        this.operations = operations;
        this.limit = limit;
    }

    /** Chunks of at most {@code limit} operations; {@code size} is how many operations there are in all, at most. */
    public static Iterable<Chunk> of(Iterable<Operation> operations, long size, int limit) {
        Chunks chunks = new Chunks(operations, limit);
        if (size > limit) {
            return chunks;
        }
        List<Chunk> kept = new ArrayList<>(1);
        chunks.forEach(kept::add);
        return kept;
    }

    @Override
    public Iterator<Chunk> iterator() {
        return new InOrder(operations.iterator());
    }

    private final class InOrder implements Iterator<Chunk> {
        private final Iterator<Operation> source;
        /** A MOVE that was met while what comes before it was merged. */
        private @Nullable Operation move;

        InOrder(Iterator<Operation> source) {
            this.source = source;
        }

        @Override
        public boolean hasNext() {
            return move != null || source.hasNext();
        }

        @Override
        public Chunk next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Merge merge = new Merge();
            Operation alone = move;
            move = null;
            for (int taken = 0; alone == null && move == null && taken < limit && source.hasNext(); taken++) {
                Operation operation = source.next();
                if (operation.kind() != Operation.Kind.MOVE) {
                    merge.add(operation);
                } else if (taken == 0) {
                    alone = operation;
                } else {
                    move = operation;
                }
            }
            if (alone != null) {
                merge.add(alone);
            }
            return merge.toChunk();
        }
    }
}
