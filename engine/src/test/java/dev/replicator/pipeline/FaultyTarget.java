package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Positions;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Faults laid over a {@link RecordingTarget}: writes that fail, before or after they have taken effect, and writes that
 * take until they are let through. Thread-safe.
 */
final class FaultyTarget {
    private final RecordingTarget target;
    private final AtomicReference<@Nullable ReplicatorException> before = new AtomicReference<>();
    private final AtomicReference<@Nullable ReplicatorException> after = new AtomicReference<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch arrived = new CountDownLatch(1);

    FaultyTarget(RecordingTarget target) {
        this.target = target;
    }

    /** Every write fails so, before it takes effect; null: no more. */
    void failBefore(@Nullable ReplicatorException failure) {
        before.set(failure);
    }

    /** The next write takes effect and then fails. */
    void failOnceAfter(ReplicatorException failure) {
        after.set(failure);
    }

    void holdWrites() {
        arrived = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    void awaitAWrite() throws InterruptedException {
        arrived.await();
    }

    void letWritesThrough() {
        gate.countDown();
    }

    Target session() {
        return new Session(target.session());
    }

    private final class Session implements Target {
        private final Target inner;

        private Session(Target inner) {
            this.inner = inner;
        }

        @Override
        public TargetState start(long own) {
            return inner.start(own);
        }

        @Override
        public WriteResult write(Batch batch) {
            arrived.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            ReplicatorException early = before.get();
            if (early != null) {
                throw early;
            }
            WriteResult result = inner.write(batch);
            ReplicatorException late = after.getAndSet(null);
            if (late != null) {
                throw late;
            }
            return result;
        }

        @Override
        public @Nullable Positions held() {
            return inner.held();
        }

        @Override
        public List<String> forget() {
            return inner.forget();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
