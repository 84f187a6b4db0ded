package dev.replicator.pipeline;

import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
        private long written;

        @Override
        public TargetState start(long own) {
            synchronized (RecordingTarget.this) {
                mine = ++fence;
                return new TargetState(
                        mine,
                        lastFence,
                        lastBatch,
                        held,
                        List.of(SourceState.none(1)),
                        SourceState.none(1),
                        0,
                        new byte[0]);
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
                written = batch.number();
                return new WriteResult(Set.of(), batchIds.size());
            }
        }

        @Override
        public long durableBatch() {
            return written;
        }

        @Override
        public void storeState(SourceState state) {
            throw new IllegalStateException("only masters are asked");
        }

        @Override
        public Correction.Result correct(Correction correction) {
            throw new IllegalStateException("only masters are asked");
        }

        @Override
        public void retryRefused() {
            // Nothing is refused here.
        }

        @Override
        public void close() {
            synchronized (RecordingTarget.this) {
                open--;
            }
        }
    }
}
