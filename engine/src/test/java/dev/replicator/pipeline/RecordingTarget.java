package dev.replicator.pipeline;

import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A database that records what is written to it, with its progress, over all its sessions. Thread-safe. */
final class RecordingTarget {
    private final List<Integer> ids = new ArrayList<>();
    private Positions held = Positions.zero(1);
    private long fence;
    private long lastFence;
    private long lastBatch;
    private int open;

    /** Numbers of the rows written, in the order in which they came. */
    synchronized List<Integer> ids() {
        return List.copyOf(ids);
    }

    /** Sessions that are open. */
    synchronized int open() {
        return open;
    }

    Target session() {
        synchronized (this) {
            open++;
        }
        return new Session();
    }

    private final class Session implements Target {
        private long mine;

        @Override
        public TargetState start(long own) {
            synchronized (RecordingTarget.this) {
                mine = ++fence;
                return TargetState.ofReceiver(mine, lastFence, lastBatch, held, List.of(SourceState.none(1)));
            }
        }

        @Override
        public WriteResult write(Batch batch) {
            List<Integer> batchIds = new ArrayList<>();
            for (Chunk chunk : batch.chunks()) {
                for (Operation operation : chunk.inOrder()) {
                    batchIds.add(Integer.parseInt(operation.requireRow().text(0)));
                }
            }
            synchronized (RecordingTarget.this) {
                ids.addAll(batchIds);
                held = held.join(batch.held());
                lastFence = mine;
                lastBatch = batch.number();
                return new WriteResult(Set.of(), batchIds.size());
            }
        }

        @Override
        public @Nullable Positions held() {
            synchronized (RecordingTarget.this) {
                return lastFence == 0 ? null : held;
            }
        }

        @Override
        public List<String> forget() {
            throw new IllegalStateException("nobody removes it");
        }

        @Override
        public void close() {
            synchronized (RecordingTarget.this) {
                open--;
            }
        }
    }
}
