package dev.replicator.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Updates;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * A MongoDB replica set, or sharded cluster, that receives batches. A batch and its progress are one transaction, which
 * begins by writing the progress where the fence number is still ours. Its commit is acknowledged by the majority, so that
 * no crash of one member takes it back. A batch that is too large for a transaction goes through the {@link RedoLog}.
 *
 * <p>Thread: one; {@link #close} may be called by another.
 */
final class MongoTarget implements PauseTarget, FillableTarget {
    /** Of rows as they were sent: the server holds all of a transaction in its cache. */
    private static final long LARGEST_TRANSACTION = 64L << 20;
    /** Documents that a TRUNCATE within a transaction may remove. */
    private static final int LARGEST_TRUNCATE = 10_000;

    private final MongoClient client;
    private final ClientSession session;
    private final MongoDatabase database;
    private final TargetRequest request;
    private final MongoOptions options;
    private final SyncDocument stored;
    private final Documents documents;
    private final PageWriter writer;
    private final RedoLog redo;
    private StoredProgress progress;
    private volatile boolean closed;

    MongoTarget(MongoClient client, MongoDatabase database, TargetRequest request, MongoOptions options) {
        this.client = client;
        this.session = client.startSession();
        this.database = database;
        this.request = request;
        this.options = options;
        this.progress = StoredProgress.none(request.sourceNames().size());
        String name = request.database().name();
        Refusals refusals = new Refusals(name);
        this.stored = new SyncDocument(
                database, options.progress(), session, request.sync().name(), name);
        this.documents = new Documents(options, request.tables(), refusals);
        this.writer = new PageWriter(database, documents, refusals);
        this.redo = new RedoLog(RedoLog.collection(database, options), stored, documents, writer, refusals);
    }

    private <T> T doing(String what, Supplier<T> action) {
        String doing = what + " database \"" + request.database().name() + "\"";
        try {
            return action.get();
        } catch (MongoException e) {
            throw MongoErrors.of(doing, e).within(request.context());
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        } catch (IllegalStateException e) {
            if (closed) {
                throw ReplicatorException.retryable(
                                ErrorCode.CONNECTION, "could not " + doing, "The session was closed.", e)
                        .within(request.context());
            }
            throw e;
        }
    }

    @Override
    public TargetState start(long own) {
        return doing("take over", () -> {
            createCollections();
            stored.take(own);
            redo.finish();
            redo.forget();
            progress = StoredProgress.parse(stored.text(SyncDocument.PROGRESS), request.sourceNames());
            return progress.state(stored.fence());
        });
    }

    /** A transaction that makes a collection loses to others that use it. */
    private void createCollections() {
        Set<String> there = database.listCollectionNames().into(new HashSet<>());
        List<String> wanted = new ArrayList<>(List.of(options.progress(), options.redo()));
        request.tables()
                .forEach(schema -> wanted.add(options.collection(schema.table().name())));
        for (String collection : wanted) {
            if (!there.contains(collection)) {
                try {
                    database.createCollection(collection);
                } catch (MongoException e) {
                    // Somebody else has been faster.
                    if (!MongoErrors.isThere(e)) {
                        throw e;
                    }
                }
            }
        }
    }

    @Override
    public WriteResult write(Batch batch) {
        return doing("write to", () -> {
            StoredProgress next = progress.after(batch, stored.fence());
            String text = next.text(request.sourceNames());
            long rows = options.transactionTime().isZero() ? redo.write(batch, text) : write(batch, text);
            progress = next;
            return new WriteResult(Set.of(), rows);
        });
    }

    private long write(Batch batch, String text) {
        try {
            return whole(batch, text, false);
        } catch (TooLarge e) {
            return redo.write(batch, text);
        } catch (ReplicatorException e) {
            if (e.kind() != Kind.POISON || !MongoErrors.isDuplicateKey(e.getCause())) {
                throw e;
            }
        }
        try {
            // Unique values may have changed places.
            return whole(batch, text, true);
        } catch (TooLarge e) {
            return redo.write(batch, text);
        }
    }

    /** The batch does not fit into one transaction. */
    private static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLarge(@Nullable Throwable cause) {
            super(cause);
        }
    }

    private long whole(Batch batch, String text, boolean inOrder) {
        long[] sums = {0, 0};
        long begin = System.nanoTime();
        Bson change = Updates.set(SyncDocument.PROGRESS, text);
        try {
            stored.transaction(
                    change,
                    within -> sums[0] = Pages.of(batch, inOrder, documents, (page, bytes) -> {
                        sums[1] += bytes;
                        boolean late = System.nanoTime() - begin
                                > options.transactionTime().toNanos();
                        if (late || sums[1] > LARGEST_TRANSACTION) {
                            throw new TooLarge(null);
                        }
                        write(within, page);
                    }));
            return sums[0];
        } catch (MongoException e) {
            if (MongoErrors.isTooLarge(e)) {
                throw new TooLarge(e);
            }
            if (!MongoErrors.isRolledBack(e)) {
                throw e;
            }
            throw new ReplicatorException(
                    Kind.ROLLED_BACK,
                    ErrorCode.TARGET_REFUSED,
                    "could not write to database \"" + request.database().name() + "\"",
                    "The server has ended the transaction (error " + MongoErrors.code(e)
                            + "): somebody else changes the same documents.",
                    null,
                    e);
        }
    }

    private void write(ClientSession within, List<DocumentChange> page) {
        DocumentChange first = page.get(0);
        if (first.kind() != DocumentChange.Kind.TRUNCATE) {
            writer.write(within, page);
        } else if (writer.size(first) > LARGEST_TRUNCATE) {
            throw new TooLarge(null);
        } else {
            writer.truncate(within, first);
        }
    }

    @Override
    public @Nullable Positions held() {
        return doing("read the progress of", () -> {
            String text = stored.text(SyncDocument.PROGRESS);
            return text == null
                    ? null
                    : StoredProgress.parse(text, request.sourceNames()).held();
        });
    }

    @Override
    public List<JoinedTable> joined() {
        return doing(
                "read the progress of",
                () -> StoredProgress.parse(stored.text(SyncDocument.PROGRESS), request.sourceNames())
                        .joined());
    }

    @Override
    public boolean isEmpty(Table table) {
        return doing(
                "look at",
                () -> database.getCollection(options.collection(table.name()))
                                .find()
                                .first()
                        == null);
    }

    @Override
    public Optional<PauseMark> pause() {
        return doing("read the pause of", stored::pause);
    }

    @Override
    public void pause(PauseMark mark) {
        doing("keep the pause in", () -> {
            stored.pause(mark);
            return true;
        });
    }

    @Override
    public List<String> forget() {
        return doing("clean up", () -> {
            redo.forget();
            return stored.remove()
                    ? List.of("progress of sync \"" + request.sync().name() + "\"")
                    : List.of();
        });
    }

    @Override
    public void close() {
        closed = true;
        try {
            session.close();
        } finally {
            client.close();
        }
    }
}
