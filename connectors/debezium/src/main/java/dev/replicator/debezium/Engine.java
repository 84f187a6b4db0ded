package dev.replicator.debezium;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Resume;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * One run of the Debezium engine. Its records wait here for whoever takes them; where they are too many the engine waits,
 * and so does the server's log: that is the back-pressure.
 *
 * <p>Threads: the engine's own, and one that takes; {@link #wakeUp} any.
 */
final class Engine implements AutoCloseable {
    /** Records that may wait, but for the last batch. */
    private static final int MOST_WAITING = 8_192;

    private static final long CLOSE_SECONDS = 10;
    /** It tells of its connections past every logging that could be configured; what matters comes as failures. */
    private static final Logger BINLOG_CLIENT = Logger.getLogger("com.github.shyiko");

    static {
        BINLOG_CLIENT.setLevel(Level.OFF);
    }

    private final Kept kept;
    private final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<SourceRecord> waiting = new ArrayDeque<>();
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean woken;
    private boolean closed;

    /** {@code properties}: what Debezium is to be told besides; {@code server}: what identifies it; {@code from} null: it begins anew. */
    Engine(Function<String, Properties> properties, String server, @Nullable Resume from) {
        String name = "replicator-" + UUID.randomUUID();
        kept = Kept.open(name, server, from);
        Properties all = properties.apply(name);
        all.setProperty("name", name);
        all.setProperty("offset.storage", KeptOffsets.class.getName());
        all.setProperty(KeptOffsets.NAME, name);
        all.setProperty("schema.history.internal", KeptStructures.class.getName());
        all.setProperty("schema.history.internal." + KeptStructures.NAME, name);
        // Debezium and Kafka Connect look for their parts by the thread's class loader.
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(Engine.class.getClassLoader());
        try {
            engine = engine(all);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        thread = new Thread(engine, "debezium");
        thread.setContextClassLoader(Engine.class.getClassLoader());
        thread.setDaemon(true);
    }

    private DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine(Properties all) {
        return DebeziumEngine.create(Connect.class)
                .using(all)
                .using((success, message, error) -> end(error, success ? null : message))
                .notifying((batch, committer) -> {
                    List<SourceRecord> records = new ArrayList<>(batch.size());
                    batch.forEach(event -> records.add(event.value()));
                    take(records);
                    // What was taken is kept elsewhere; the engine is only told so that it forgets its own count.
                    for (ChangeEvent<SourceRecord, SourceRecord> event : batch) {
                        committer.markProcessed(event);
                    }
                    committer.markBatchFinished();
                })
                .build();
    }

    void start() {
        thread.start();
    }

    /** What is kept between runs. */
    Kept kept() {
        return kept;
    }

    private void end(@Nullable Throwable error, @Nullable String message) {
        lock.lock();
        try {
            ended = true;
            failure = error == null && message != null ? new IllegalStateException(message) : error;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void take(List<SourceRecord> records) throws InterruptedException {
        lock.lock();
        try {
            while (waiting.size() >= MOST_WAITING && !closed) {
                changed.await();
            }
            if (!closed) {
                waiting.addAll(records);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The records that wait; waits for one up to {@code nanos}. Throws what ended the engine, once all are taken. */
    List<SourceRecord> poll(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (waiting.isEmpty() && !ended && !woken && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<SourceRecord> taken = new ArrayList<>(waiting);
            waiting.clear();
            changed.signalAll();
            if (taken.isEmpty() && ended) {
                throw EngineErrors.of(failure);
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is woken, and takes nothing. */
    void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!woken && !ended && left > 0) {
                left = changed.awaitNanos(left);
            }
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    boolean isWoken() {
        lock.lock();
        try {
            return woken;
        } finally {
            lock.unlock();
        }
    }

    /** It was heard that it was woken. */
    void awake() {
        lock.lock();
        try {
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the present or the next wait. */
    void wakeUp() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (thread.isAlive()) {
                engine.close();
            }
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (IOException | RuntimeException e) {
            // It has ended, or ends by itself: nothing that it does reaches anybody any more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kept.close();
    }

    /** What a wait that was interrupted ends with. */
    static ReplicatorException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return ReplicatorException.retryable(ErrorCode.CONNECTION, "could not read on: interrupted", null, e);
    }
}
