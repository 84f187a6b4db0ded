package dev.replicator.kafka;

import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster that receives batches. A batch and its progress are one transaction of a producer whose transactional id
 * is the sync's and database's.
 *
 * <p>Design: {@code initTransactions} ends the transaction of whoever had the id before, and waits until that is done on all
 * partitions; from then on the broker refuses what that producer sends. So the progress that is read afterwards is the last.
 * By itself this would let two processes take the id from each other for ever: the fence number, written in the first
 * transaction of a session, tells who came later. A producer that has lost its id looks at the number. If it is still its
 * own, nobody has taken over: the broker has ended a transaction that took too long, or another process tried and failed.
 *
 * <p>Thread: one; {@link #close} may be called by another. Source: Kafka, KIP-98 "Exactly Once Delivery and Transactional
 * Messaging".
 */
final class KafkaTarget implements PauseTarget, FillableTarget {
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final TargetRequest request;
    private final KafkaOptions options;
    private final ClientSettings clients;
    private final Topics topics;
    private final ProgressTopic stored;
    private final Map<Table, String> topicOf;
    private final Messages messages;
    private volatile @Nullable Producer<byte[], byte[]> producer;
    private volatile boolean lost;
    private volatile boolean closed;
    private StoredProgress progress;
    private long fence;

    /** {@code topicOf}: the topic of each table. */
    KafkaTarget(
            TargetRequest request,
            KafkaOptions options,
            ClientSettings clients,
            Topics topics,
            ProgressTopic stored,
            Map<Table, String> topicOf,
            Messages messages) {
        this.request = request;
        this.options = options;
        this.clients = clients;
        this.topics = topics;
        this.stored = stored;
        this.topicOf = Map.copyOf(topicOf);
        this.messages = messages;
        this.progress = StoredProgress.none(request.sourceNames().size());
    }

    private <T> T doing(String what, Supplier<T> action) {
        try {
            return action.get();
        } catch (KafkaException e) {
            lost = true;
            throw KafkaErrors.of(what + " database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        } catch (IllegalStateException e) {
            if (!closed) {
                throw e;
            }
            throw ReplicatorException.retryable(
                            ErrorCode.CONNECTION,
                            "could not " + what + " database \""
                                    + request.database().name() + "\"",
                            "The session was closed meanwhile.",
                            e)
                    .within(request.context());
        }
    }

    @Override
    public TargetState start(long own) {
        return doing("take over", () -> {
            topics.create(topicOf.values(), stored.name(), true);
            requireOwn(own, stored.kept().fence());
            Producer<byte[], byte[]> mine = clients.transactional(transactionalId());
            producer = mine;
            initialize(mine);
            ProgressTopic.Kept kept = stored.kept();
            requireOwn(own, kept.fence());
            mine.beginTransaction();
            // A failure is what the commit says.
            Future<RecordMetadata> unused = mine.send(stored.fence(kept.fence() + 1));
            mine.commitTransaction();
            fence = kept.fence() + 1;
            progress = StoredProgress.parse(kept.progress(), request.sourceNames());
            return progress.state(fence);
        });
    }

    private void initialize(Producer<byte[], byte[]> mine) {
        try {
            mine.initTransactions();
        } catch (KafkaException e) {
            lost = true;
            throw KafkaErrors.ofInitialization(
                    "take over database \"" + request.database().name() + "\"", e, options.transactionTimeout());
        }
    }

    private String transactionalId() {
        return "replicator." + request.sync().name() + "." + request.database().name();
    }

    private void requireOwn(long own, long there) {
        if (own != 0 && there != own) {
            throw fenced();
        }
    }

    private ReplicatorException fenced() {
        return new ReplicatorException(
                Kind.FENCED,
                ErrorCode.SLOT_BUSY,
                "cannot write to database \"" + request.database().name() + "\"",
                "Another process has taken over sync \"" + request.sync().name() + "\" there.",
                null,
                null);
    }

    @Override
    public WriteResult write(Batch batch) {
        Producer<byte[], byte[]> mine = producer;
        if (mine == null) {
            throw new IllegalStateException("it was not started");
        }
        return doing("write to", () -> {
            Sending sending = new Sending(mine);
            long begin = System.nanoTime();
            try {
                return inTransaction(batch, mine, sending);
            } catch (KafkaException e) {
                ReplicatorException refused = sending.refused();
                if (refused != null) {
                    abort(mine);
                    throw refused;
                }
                if (KafkaErrors.isOvertaken(e)) {
                    throw overtaken(e, Duration.ofNanos(System.nanoTime() - begin));
                }
                throw e;
            } catch (RuntimeException e) {
                abort(mine);
                throw e;
            }
        });
    }

    private WriteResult inTransaction(Batch batch, Producer<byte[], byte[]> mine, Sending sending) {
        StoredProgress next = progress.after(batch, fence);
        mine.beginTransaction();
        String transaction = request.sync().name() + "-" + fence + "-" + batch.number();
        long rows = messages.write(batch, transaction, System.currentTimeMillis(), sending);
        sending.send(stored.progress(next.text(request.sourceNames())), e -> {});
        mine.commitTransaction();
        progress = next;
        return new WriteResult(Set.of(), rows);
    }

    /** So that nobody who reads has to wait for it. */
    private void abort(Producer<byte[], byte[]> mine) {
        try {
            mine.abortTransaction();
        } catch (KafkaException e) {
            // Whoever takes over ends it.
            lost = true;
        }
    }

    /** By another process, if the fence number is another by now. */
    private ReplicatorException overtaken(KafkaException e, Duration took) {
        lost = true;
        if (stored.kept().fence() != fence) {
            return fenced();
        }
        boolean late = took.compareTo(options.transactionTimeout()) >= 0;
        return new ReplicatorException(
                Kind.RETRYABLE,
                late ? ErrorCode.TIMEOUT : ErrorCode.CONNECTION,
                "could not write to database \"" + request.database().name() + "\"",
                "The broker has ended the transaction, after " + took.toSeconds() + " s. "
                        + KafkaErrors.detail("It answers", KafkaErrors.cause(e)),
                late ? "Raise the option transaction_timeout, and transaction.max.timeout.ms on the brokers." : null,
                e);
    }

    /**
     * The messages of one batch on their way. The producer's thread tells what became of each; after the first that fails no
     * more are sent, as each would wait for as long.
     */
    private final class Sending implements Messages.Out {
        private final Producer<byte[], byte[]> to;
        private volatile @Nullable ReplicatorException tooLarge;
        private volatile @Nullable Exception failed;

        Sending(Producer<byte[], byte[]> to) {
            this.to = to;
        }

        private String topic(Table table) {
            String topic = topicOf.get(table);
            if (topic == null) {
                throw ReplicatorException.bug("there is no topic for a table", String.valueOf(table.name()));
            }
            return topic;
        }

        @Override
        public void message(Table table, byte[] key, byte @Nullable [] value, Supplier<String> row) {
            send(new ProducerRecord<>(topic(table), key, value), e -> {
                if (e instanceof RecordTooLargeException) {
                    tooLarge = poison(table, row.get(), value == null ? 0 : value.length);
                }
            });
        }

        @Override
        public void toAll(Table table, byte[] value) {
            String topic = topic(table);
            to.partitionsFor(topic)
                    .forEach(partition ->
                            send(new ProducerRecord<>(topic, partition.partition(), null, value), e -> {}));
        }

        private void send(ProducerRecord<byte[], byte[]> message, Consumer<Exception> ifFirst) {
            Exception before = failed;
            if (before != null) {
                throw before instanceof KafkaException e ? e : new KafkaException(before);
            }
            Future<RecordMetadata> unused = to.send(message, (metadata, e) -> {
                if (e != null && failed == null) {
                    ifFirst.accept(e);
                    failed = e;
                }
            });
        }

        /** Null: none of the messages was too large. */
        @Nullable
        ReplicatorException refused() {
            return tooLarge;
        }
    }

    private ReplicatorException poison(Table table, String row, int bytes) {
        return new ReplicatorException(
                Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot write a row of table " + table.name() + " to database \""
                        + request.database().name() + "\"",
                "Row " + row + " makes a message of " + bytes + " bytes. The option max_message allows "
                        + options.maxMessageBytes()
                        + ", which is the client's max.request.size; the topic and the brokers"
                        + " have limits of their own.",
                "Raise the option max_message, and max.message.bytes of the topic: kafka-configs.sh --alter --entity-type"
                        + " topics --entity-name " + topicOf.get(table) + " --add-config max.message.bytes="
                        + (bytes + (64 << 10)) + ".",
                null);
    }

    @Override
    public @Nullable Positions held() {
        return kept().map(StoredProgress::held).orElse(null);
    }

    @Override
    public List<JoinedTable> joined() {
        return kept().map(StoredProgress::joined).orElse(List.of());
    }

    /** Topics hold changes, no rows. */
    @Override
    public boolean isEmpty(Table table) {
        return true;
    }

    private Optional<StoredProgress> kept() {
        return doing(
                "read the progress of",
                () -> Optional.ofNullable(
                                topics.isPresent(stored.name()) ? stored.kept().progress() : null)
                        .map(text -> StoredProgress.parse(text, request.sourceNames())));
    }

    @Override
    public Optional<PauseMark> pause() {
        return doing("read the pause of", () -> topics.isPresent(stored.name()) ? stored.pause() : Optional.empty());
    }

    @Override
    public void pause(PauseMark mark) {
        doing("keep the pause in", () -> {
            topics.create(List.of(), stored.name(), true);
            Optional<PauseMark> wanted = Optional.of(mark);
            if (PauseMark.later(stored.pause(), wanted).equals(wanted)) {
                stored.pause(mark);
            }
            return mark;
        });
    }

    @Override
    public List<String> forget() {
        return doing("clean up", () -> {
            if (!topics.isPresent(stored.name())) {
                return List.of();
            }
            topics.delete(stored.name());
            return List.of("topic \"" + stored.name() + "\" with the progress of sync \""
                    + request.sync().name() + "\"");
        });
    }

    /** A transaction that is open is undone, so that nobody who reads has to wait for it. */
    @Override
    public void close() {
        closed = true;
        stored.close();
        Producer<byte[], byte[]> mine = producer;
        if (mine != null) {
            try {
                mine.close(lost ? Duration.ZERO : END_LIMIT);
            } catch (KafkaException e) {
                // Whoever takes over ends its transaction.
            }
        }
        topics.close();
    }
}
