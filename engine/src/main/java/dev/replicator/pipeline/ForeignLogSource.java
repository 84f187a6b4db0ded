package dev.replicator.pipeline;

import dev.replicator.model.LogEntry;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Resume;
import dev.replicator.model.Transaction;
import dev.replicator.spi.Source;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A source that is no PostgreSQL. It has no slot; that one process reads it at a time is its connector's affair. A session
 * that follows a lost one goes on behind what was handed out last.
 *
 * <p>Thread: that of the reader, which uses one session at a time.
 */
final class ForeignLogSource implements LogSource {
    private final Supplier<Source> opened;
    private @Nullable Resume last;

    ForeignLogSource(Supplier<Source> opened) {
        this.opened = opened;
    }

    @Override
    public LogSession connect() {
        return new Session(opened.get());
    }

    private final class Session implements LogSession {
        private final Source source;
        private @Nullable Resume given;

        Session(Source source) {
            this.source = source;
        }

        @Override
        public Slot slot() {
            return new Slot(source.holder(), 0);
        }

        @Override
        public void resumeFrom(@Nullable Resume resume) {
            given = resume;
        }

        @Override
        public void start(long position, byte[] markSecret, MarkNumber lastMark) {
            source.start(last == null ? given : last);
        }

        @Override
        public void poll(Duration maxWait, Consumer<LogEntry> handler) {
            source.poll(maxWait, entry -> {
                if (entry instanceof Transaction transaction) {
                    last = transaction.resume();
                }
                handler.accept(entry);
            });
        }

        /** Nobody gives the session up. */
        @Override
        public void feedback() {}

        @Override
        public void acknowledge(long position) {
            source.settled(position);
        }

        @Override
        public long serverEnd() {
            return source.serverEnd();
        }

        @Override
        public long committedEnd() {
            return source.committedEnd();
        }

        @Override
        public Duration clockOffset() {
            return source.clockOffset();
        }

        @Override
        public void wakeUp() {
            source.wakeUp();
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
