package dev.replicator.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.TransactionOptions;
import com.mongodb.WriteConcern;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import dev.replicator.codec.PauseText;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.spi.PauseMark;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The document in which a sync keeps its fence number, its progress and its pause, and transactions that write only while
 * the fence number is ours. One thread.
 *
 * <p>A transaction begins by changing this document. Two that do so cannot both commit, nor one beside a takeover: MongoDB
 * lets the first that changes a document win, and ends the other. For that the change has to be a real one; so each counts
 * up a number.
 */
final class SyncDocument {
    static final String PROGRESS = "progress";
    /** What {@link RedoLog} has to do. */
    static final String REDO = "redo";

    private static final String FENCE = "fence";
    private static final String PAUSE = "pause";
    private static final String WRITES = "writes";
    /** The server's session of whoever has taken the fence: all its transactions are that one's. */
    private static final String SESSION = "session";

    private static final TransactionOptions TRANSACTION = TransactionOptions.builder()
            .readConcern(ReadConcern.SNAPSHOT)
            .readPreference(ReadPreference.primary())
            .writeConcern(WriteConcern.MAJORITY)
            .build();

    private final MongoDatabase database;
    private final MongoCollection<BsonDocument> collection;
    private final ClientSession session;
    private final String sync;
    private final String name;
    private long fence;

    /** {@code name}: of the database in the configuration. */
    SyncDocument(MongoDatabase database, String collection, ClientSession session, String sync, String name) {
        this.database = database;
        this.collection = database.getCollection(collection, BsonDocument.class);
        this.session = session;
        this.sync = sync;
        this.name = name;
    }

    String sync() {
        return sync;
    }

    /** The one that was taken. */
    long fence() {
        return fence;
    }

    private Bson ofSync() {
        return Filters.eq("_id", sync);
    }

    private Bson ofOurs(long number) {
        return Filters.and(ofSync(), Filters.eq(FENCE, number));
    }

    @Nullable
    BsonDocument read() {
        return collection.find(ofSync()).first();
    }

    @Nullable
    String text(String field) {
        BsonDocument document = read();
        return document == null || !document.containsKey(field)
                ? null
                : document.getString(field).getValue();
    }

    /** Raises the fence number; {@code own}: if it is that, or 0. Whoever has a transaction open there loses it. */
    void take(long own) {
        endTransaction(own);
        BsonDocument taken = null;
        boolean again;
        do {
            again = false;
            try {
                taken = collection.findOneAndUpdate(
                        own == 0 ? ofSync() : ofOurs(own),
                        Updates.combine(
                                Updates.inc(FENCE, 1L),
                                Updates.set(SESSION, session.getServerSession().getIdentifier())),
                        new FindOneAndUpdateOptions().upsert(own == 0).returnDocument(ReturnDocument.AFTER));
            } catch (MongoCommandException e) {
                if (!MongoErrors.isDuplicateKey(e)) {
                    throw e;
                }
                // Somebody else has made the document in the same moment.
                again = true;
            }
        } while (again);
        if (taken == null) {
            throw fenced();
        }
        fence = taken.getNumber(FENCE).longValue();
    }

    /** Else the server would keep us waiting until it ends it by itself, after a minute. */
    private void endTransaction(long own) {
        BsonDocument document = read();
        if (own != 0
                && (document == null
                        || document.getNumber(FENCE, new BsonInt64(0)).longValue() != own)) {
            throw fenced();
        }
        if (document == null || !document.containsKey(SESSION)) {
            return;
        }
        BsonArray sessions = new BsonArray();
        sessions.add(document.getDocument(SESSION));
        try {
            database.runCommand(new BsonDocument("killSessions", sessions));
        } catch (MongoCommandException e) {
            // It may be another user's, whom we may not disturb: then we wait.
            return;
        }
    }

    ReplicatorException fenced() {
        return new ReplicatorException(
                Kind.FENCED,
                ErrorCode.SLOT_BUSY,
                "cannot write to database \"" + name + "\"",
                "Another process has taken over sync \"" + sync + "\" there.",
                null,
                null);
    }

    /** Fails with kind FENCED if the fence number is not ours. */
    void update(Bson change) {
        update(null, change);
    }

    private void update(@Nullable ClientSession within, Bson change) {
        Bson all = Updates.combine(change, Updates.inc(WRITES, 1L));
        long ours = (within == null
                        ? collection.updateOne(ofOurs(fence), all)
                        : collection.updateOne(within, ofOurs(fence), all))
                .getMatchedCount();
        if (ours == 0) {
            throw fenced();
        }
    }

    /** Something to do within a transaction. */
    interface Work {
        void in(ClientSession session);
    }

    /** {@code change}: of this document. Throws the driver's exceptions, but for those of the commit. */
    void transaction(Bson change, Work work) {
        session.startTransaction(TRANSACTION);
        try {
            update(session, change);
            work.in(session);
            commit();
        } finally {
            if (session.hasActiveTransaction()) {
                session.abortTransaction();
            }
        }
    }

    /** The driver repeats it once by itself. What has become of it, the next session reads from the progress. */
    private void commit() {
        try {
            session.commitTransaction();
        } catch (MongoException e) {
            throw ReplicatorException.retryable(
                    ErrorCode.CONNECTION,
                    "could not commit on database \"" + name + "\"",
                    "The driver reports " + e.getClass().getSimpleName()
                            + (e.getCode() > 0 ? ", error " + e.getCode() : "") + ".",
                    e);
        }
    }

    Optional<PauseMark> pause() {
        return PauseText.parse(text(PAUSE));
    }

    void pause(PauseMark mark) {
        Optional<PauseMark> wanted = Optional.of(mark);
        boolean kept = false;
        while (!kept) {
            String there = text(PAUSE);
            if (!PauseMark.later(PauseText.parse(there), wanted).equals(wanted)) {
                return;
            }
            kept = replacePause(there, PauseText.of(mark));
        }
    }

    /** Only if nobody has changed it since; a document that is not there has no pause either. */
    private boolean replacePause(@Nullable String there, String text) {
        try {
            return collection
                                    .updateOne(
                                            Filters.and(ofSync(), Filters.eq(PAUSE, there)),
                                            Updates.set(PAUSE, text),
                                            new UpdateOptions().upsert(there == null))
                                    .getMatchedCount()
                            > 0
                    || there == null;
        } catch (MongoWriteException e) {
            if (MongoErrors.isDuplicateKey(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Whether it was there. */
    boolean remove() {
        return collection.deleteOne(ofSync()).getDeletedCount() > 0;
    }
}
