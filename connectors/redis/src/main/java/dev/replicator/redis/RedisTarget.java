package dev.replicator.redis;

import static redis.clients.jedis.Protocol.Command.HSET;

import dev.replicator.codec.RowReader;
import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.AsynchronousCommits;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A Redis or Valkey server that receives batches. A batch and its progress are one MULTI, under a WATCH of the key that
 * holds the fence number and the progress: somebody who raises the number undoes it.
 *
 * <p>Where the server flushes its append-only file later than it answers, a crash may take the newest batches, with their
 * progress: {@link #durableBatch} says which it cannot take.
 *
 * <p>Thread: one; {@link #close} may be called by another.
 */
final class RedisTarget implements PauseTarget, AsynchronousCommits, FillableTarget {
    private static final String FENCE = "fence";
    private static final String PROGRESS = "progress";
    private static final String PAUSE = "pause";
    private static final int LARGEST_VALUE = 512 << 20;
    private static final Duration ASK_AGAIN = Duration.ofMillis(100);
    private static final Duration FLUSH_LIMIT = Duration.ofMinutes(1);

    private final RedisSession session;
    private final TargetRequest request;
    private final RowForm form;
    private final List<String> streams;
    private final boolean durableAtOnce;
    private final FlushWatch flushes = new FlushWatch();
    private final Map<Table, TableSchema> schemas = new HashMap<>();
    private final Map<Relation, RowReader> readers = new IdentityHashMap<>();
    private StoredProgress progress;
    private long fence;
    private long written;

    /** {@code streams}: the keys of the streams, if there are any. */
    RedisTarget(
            RedisSession session, TargetRequest request, RowForm form, List<String> streams, boolean durableAtOnce) {
        this.session = session;
        this.request = request;
        this.form = form;
        this.streams = List.copyOf(streams);
        this.durableAtOnce = durableAtOnce;
        this.progress = StoredProgress.none(request.sourceNames().size());
        request.tables().forEach(schema -> schemas.put(schema.table(), schema));
    }

    private <T> T doing(String what, Supplier<T> action) {
        try {
            return action.get();
        } catch (JedisException e) {
            throw RedisErrors.of(what + " database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    @Override
    public TargetState start(long own) {
        return doing("take over", () -> {
            boolean raised;
            do {
                fence = fence(session.watched(FENCE, List.of()));
                if (own != 0 && fence != own) {
                    session.unwatch();
                    throw fenced();
                }
                fence++;
                raised = set(FENCE, String.valueOf(fence));
            } while (!raised);
            awaitFlush();
            progress = StoredProgress.parse(session.stored(PROGRESS), request.sourceNames());
            return progress.state(fence);
        });
    }

    private static long fence(@Nullable String stored) {
        return stored == null ? 0 : Long.parseLong(stored);
    }

    /** In a transaction of its own, under what is watched. */
    private boolean set(String field, String value) {
        Transaction transaction = session.begin();
        transaction.queue(new CommandArguments(HSET)
                .add(transaction.progressKey())
                .add(field)
                .add(value));
        return transaction.commit();
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

    /** Until the fence number is on disk. */
    private void awaitFlush() {
        FlushWatch watch = new FlushWatch();
        long begin = System.nanoTime();
        while (!durableAtOnce && watch.observe(1, session.info("persistence"), System.nanoTime()) < 1) {
            if (System.nanoTime() - begin > FLUSH_LIMIT.toNanos()) {
                throw ReplicatorException.retryable(
                        ErrorCode.TIMEOUT,
                        "could not take over database \"" + request.database().name() + "\"",
                        "The server has not flushed its append-only file within " + FLUSH_LIMIT.toSeconds() + " s.",
                        null);
            }
            // Nothing tells when a flush ends: it has to be asked for.
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    @Override
    public WriteResult write(Batch batch) {
        return doing("write to", () -> {
            if (fence(session.watched(FENCE, streams)) != fence) {
                session.unwatch();
                throw fenced();
            }
            checkStreams();
            StoredProgress next = progress.after(batch, fence);
            Transaction transaction = session.begin();
            long rows = 0;
            for (Chunk chunk : batch.chunks()) {
                chunk.truncated().forEach(table -> form.truncate(transaction, table));
                for (Operation operation : chunk.merged()) {
                    write(transaction, operation);
                    rows++;
                }
            }
            transaction.queue(new CommandArguments(HSET)
                    .add(transaction.progressKey())
                    .add(PROGRESS)
                    .add(next.text(request.sourceNames())));
            if (!transaction.commit()) {
                throw new ReplicatorException(
                        Kind.ROLLED_BACK,
                        ErrorCode.TARGET_REFUSED,
                        "could not write to database \"" + request.database().name() + "\"",
                        "Somebody has changed what the sync stores there, or removed it, in the meantime.",
                        null,
                        null);
            }
            progress = next;
            written = batch.number();
            return new WriteResult(Set.of(), rows);
        });
    }

    /** What stands where a stream is to be would make a command fail only after others have been done. */
    private void checkStreams() {
        for (String stream : streams) {
            String type = session.typeOf(stream);
            if (!type.equals("none") && !type.equals("stream")) {
                session.unwatch();
                throw ReplicatorException.fatal(
                        ErrorCode.SCHEMA_DIFFERS,
                        "cannot write to database \"" + request.database().name() + "\"",
                        "Key \"" + stream + "\" holds a " + type + ", and no stream.",
                        "Remove or rename it, or set the option stream.");
            }
        }
    }

    private void write(Transaction transaction, Operation operation) {
        RowReader reader = reader(operation.requireRow());
        refuseTooLong(reader, operation);
        switch (operation.kind()) {
            case UPSERT -> form.upsert(transaction, reader, operation);
            case UPDATE -> form.update(transaction, reader, operation);
            case DELETE -> form.delete(transaction, reader, operation);
            case MOVE -> form.move(transaction, reader, reader(operation.requireFrom()), operation);
            case TRUNCATE -> form.truncate(transaction, operation.table());
        }
    }

    private RowReader reader(Row row) {
        return readers.computeIfAbsent(
                row.relation(), relation -> RowReader.of(relation, schemas.get(relation.table())));
    }

    /** The server ends a connection that sends more than that ({@code proto-max-bulk-len}). */
    private void refuseTooLong(RowReader reader, Operation operation) {
        Row row = operation.requireRow();
        if (row.sizeBytes() < LARGEST_VALUE / 2) {
            return;
        }
        long length = 0;
        for (int c = 0; c < row.relation().size(); c++) {
            length += row.isNull(c) || row.isAbsent(c) ? 0 : row.length(c);
        }
        if (length > LARGEST_VALUE / 2) {
            throw new ReplicatorException(
                    Kind.POISON,
                    ErrorCode.TARGET_REFUSED,
                    "cannot write a row of table " + operation.table().name() + " to database \""
                            + request.database().name() + "\"",
                    "Row " + reader.key(row) + " has " + length + " bytes; Redis holds no value above 512 MiB.",
                    null,
                    null);
        }
    }

    @Override
    public long durableBatch() {
        if (durableAtOnce || flushes.durable() == written) {
            return written;
        }
        return doing("ask", () -> flushes.observe(written, session.info("persistence"), System.nanoTime()));
    }

    @Override
    public @Nullable Positions held() {
        return doing("read the progress of", () -> {
            String text = session.stored(PROGRESS);
            return text == null
                    ? null
                    : StoredProgress.parse(text, request.sourceNames()).held();
        });
    }

    @Override
    public List<JoinedTable> joined() {
        return doing(
                "read the progress of",
                () -> StoredProgress.parse(session.stored(PROGRESS), request.sourceNames())
                        .joined());
    }

    @Override
    public boolean isEmpty(Table table) {
        return doing("look at", () -> form.isEmpty(session, table));
    }

    @Override
    public Optional<PauseMark> pause() {
        return doing(
                "read the pause of",
                () -> Optional.ofNullable(session.stored(PAUSE)).map(RedisTarget::mark));
    }

    private static PauseMark mark(String text) {
        String[] words = text.split(" ", 4);
        return new PauseMark(Long.parseLong(words[0]), words[1].equals("paused"), Instant.parse(words[2]), words[3]);
    }

    @Override
    public void pause(PauseMark mark) {
        doing("keep the pause in", () -> {
            Optional<PauseMark> wanted = Optional.of(mark);
            String text = mark.number() + (mark.paused() ? " paused " : " resumed ") + mark.since() + " " + mark.by();
            boolean kept;
            do {
                Optional<PauseMark> there =
                        Optional.ofNullable(session.watched(PAUSE, List.of())).map(RedisTarget::mark);
                if (!PauseMark.later(there, wanted).equals(wanted)) {
                    session.unwatch();
                    return true;
                }
                kept = set(PAUSE, text);
            } while (!kept);
            return true;
        });
    }

    @Override
    public List<String> forget() {
        return doing(
                "clean up",
                () -> session.removeProgress()
                        ? List.of("progress of sync \"" + request.sync().name() + "\"")
                        : List.of());
    }

    @Override
    public void close() {
        session.close();
    }
}
