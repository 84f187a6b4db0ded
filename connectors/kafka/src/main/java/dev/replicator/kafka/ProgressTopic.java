package dev.replicator.kafka;

import dev.replicator.codec.PauseText;
import dev.replicator.spi.PauseMark;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The topic that keeps a sync's fence number, progress and pause, under a key each: one partition, compacted, read from its
 * beginning. Fence number and progress are written within transactions, and read when those are committed; the pause is
 * written outside of any, and seen at once.
 *
 * <p>Throws the client's exceptions. One thread; {@link #close} any.
 */
final class ProgressTopic implements AutoCloseable {
    private static final String FENCE = "fence";
    private static final String PROGRESS = "progress";
    private static final String PAUSE = "pause";
    private static final Duration POLL = Duration.ofMillis(200);

    private final String name;
    private final ClientSettings clients;
    private final Duration timeout;
    private volatile @Nullable Consumer<String, String> reading;
    private volatile boolean closed;

    ProgressTopic(String name, ClientSettings clients, Duration timeout) {
        this.name = name;
        this.clients = clients;
        this.timeout = timeout;
    }

    /**
     * What it says.
     *
     * @param fence 0: none yet
     * @param progress null: none yet
     */
    record Kept(long fence, @Nullable String progress) {}

    String name() {
        return name;
    }

    /** What is committed. The topic has to be there. */
    Kept kept() {
        Map<String, @Nullable String> last = new HashMap<>();
        read(true, record -> last.put(record.key(), record.value()));
        String fence = last.get(FENCE);
        return new Kept(fence == null ? 0 : Long.parseLong(fence), last.get(PROGRESS));
    }

    /** The latest mark. The topic has to be there. */
    Optional<PauseMark> pause() {
        PauseFold fold = new PauseFold();
        read(false, fold::add);
        return fold.mark;
    }

    private static final class PauseFold {
        private Optional<PauseMark> mark = Optional.empty();

        void add(ConsumerRecord<String, String> record) {
            if (PAUSE.equals(record.key())) {
                mark = PauseMark.later(mark, PauseText.parse(record.value()));
            }
        }
    }

    private void read(boolean committed, java.util.function.Consumer<ConsumerRecord<String, String>> each) {
        TopicPartition partition = new TopicPartition(name, 0);
        try (Consumer<String, String> consumer = clients.consumer(committed)) {
            reading = consumer;
            if (closed) {
                consumer.wakeup();
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            long deadline = System.nanoTime() + timeout.toNanos();
            while (consumer.position(partition) < end) {
                long before = consumer.position(partition);
                consumer.poll(POLL).forEach(each);
                if (consumer.position(partition) > before) {
                    deadline = System.nanoTime() + timeout.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new TimeoutException("topic " + name + " could not be read within " + timeout.toSeconds()
                            + " s, at offset " + before);
                }
            }
        } finally {
            reading = null;
        }
    }

    ProducerRecord<byte[], byte[]> fence(long fence) {
        return record(FENCE, String.valueOf(fence));
    }

    ProducerRecord<byte[], byte[]> progress(String text) {
        return record(PROGRESS, text);
    }

    private ProducerRecord<byte[], byte[]> record(String key, String value) {
        return new ProducerRecord<>(
                name, 0, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns when it is written. */
    void pause(PauseMark mark) {
        try (Producer<byte[], byte[]> producer = clients.plain()) {
            KafkaCalls.await(producer.send(record(PAUSE, PauseText.of(mark))));
        }
    }

    /** Ends what another thread reads. */
    @Override
    public void close() {
        closed = true;
        Consumer<String, String> consumer = reading;
        if (consumer != null) {
            consumer.wakeup();
        }
    }
}
