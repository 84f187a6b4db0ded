package dev.replicator.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonMaxKey;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.conversions.Bson;

/**
 * Batches that are too large for one transaction. Such a batch is first written down in a collection of its own, page by
 * page; then one change of the sync's document makes it valid, all of it; then page after page is done, each in a
 * transaction with the number of the next. A session that finds a valid one does what is left of it before anything else,
 * and only its last step stores the batch's progress. So it is all or nothing and done once, although others see it half
 * done meanwhile. Pages that no valid batch names mean nothing.
 *
 * <p>One thread.
 */
final class RedoLog {
    private static final String FENCE = "fence";
    private static final String BATCH = "batch";
    private static final String PAGES = "pages";
    private static final String PAGE = "page";
    private static final String PROGRESS = "progress";

    private static final int TRUNCATED_AT_ONCE = 5_000;
    private static final int ATTEMPTS = 30;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final MongoCollection<BsonDocument> collection;
    private final SyncDocument stored;
    private final Documents documents;
    private final PageWriter writer;
    private final Refusals refusals;

    RedoLog(
            MongoCollection<BsonDocument> collection,
            SyncDocument stored,
            Documents documents,
            PageWriter writer,
            Refusals refusals) {
        this.collection = collection;
        this.stored = stored;
        this.documents = documents;
        this.writer = writer;
        this.refusals = refusals;
    }

    static MongoCollection<BsonDocument> collection(MongoDatabase database, MongoOptions options) {
        return database.getCollection(options.redo(), BsonDocument.class);
    }

    /** A place in the log of a sync: everything of it, of a batch, of a page, or one change. */
    private BsonDocument place(Object... numbers) {
        BsonDocument place = new BsonDocument("sync", new BsonString(stored.sync()));
        for (int i = 0; i < numbers.length; i++) {
            BsonValue number = numbers[i] instanceof Long value ? new BsonInt64(value) : new BsonMaxKey();
            place.append(List.of(FENCE, BATCH, PAGE, "change").get(i), number);
        }
        return place;
    }

    private static Bson between(BsonDocument first, BsonDocument last) {
        return Filters.and(Filters.gte("_id", first), Filters.lte("_id", last));
    }

    /** {@code progress}: what the batch makes. Returns how many rows. */
    long write(Batch batch, String progress) {
        long fence = stored.fence();
        BsonDocument valid = stored.read();
        if (valid == null || valid.getNumber(FENCE).longValue() != fence) {
            throw stored.fenced();
        }
        collection.deleteMany(between(place(fence, batch.number()), place(fence, batch.number(), new BsonMaxKey())));
        int[] pages = {0};
        long rows = Pages.of(batch, true, documents, (page, bytes) -> {
            writeDown(page, fence, batch.number(), pages[0]);
            pages[0]++;
        });
        stored.update(Updates.set(
                SyncDocument.REDO,
                new BsonDocument(FENCE, new BsonInt64(fence))
                        .append(BATCH, new BsonInt64(batch.number()))
                        .append(PAGES, new BsonInt32(pages[0]))
                        .append(PAGE, new BsonInt32(0))
                        .append(PROGRESS, new BsonString(progress))));
        finish();
        return rows;
    }

    private void writeDown(List<DocumentChange> page, long fence, long batch, int number) {
        List<BsonDocument> written = new ArrayList<>(page.size());
        for (int i = 0; i < page.size(); i++) {
            written.add(page.get(i).written(place(fence, batch, (long) number, (long) i)));
        }
        try {
            collection.insertMany(written);
        } catch (BsonMaximumSizeExceededException e) {
            for (int i = 0; i < page.size(); i++) {
                if (Documents.size(written.get(i)) > Documents.LARGEST) {
                    throw refusals.tooLarge(page.get(i));
                }
            }
            throw e;
        }
    }

    /** Does what is left of the batch that is valid, if there is one. */
    void finish() {
        BsonDocument document = stored.read();
        if (document != null && document.containsKey(SyncDocument.REDO)) {
            BsonDocument redo = document.getDocument(SyncDocument.REDO);
            int pages = redo.getInt32(PAGES).getValue();
            for (int page = redo.getInt32(PAGE).getValue(); page < pages; page++) {
                perform(redo, page);
            }
            stored.update(Updates.combine(
                    Updates.set(SyncDocument.PROGRESS, redo.getString(PROGRESS).getValue()),
                    Updates.unset(SyncDocument.REDO)));
            forget();
        }
    }

    private void perform(BsonDocument redo, int page) {
        long fence = redo.getInt64(FENCE).getValue();
        long batch = redo.getInt64(BATCH).getValue();
        List<DocumentChange> changes = new ArrayList<>();
        collection
                .find(between(place(fence, batch, (long) page), place(fence, batch, (long) page, new BsonMaxKey())))
                .sort(Sorts.ascending("_id"))
                .forEach(written -> changes.add(DocumentChange.of(written)));
        Bson next = Updates.set(SyncDocument.REDO + "." + PAGE, page + 1);
        if (changes.get(0).kind() == DocumentChange.Kind.TRUNCATE) {
            boolean[] more = {true};
            while (more[0]) {
                Bson same = Updates.set(SyncDocument.REDO + "." + PAGE, page);
                insist(() -> stored.transaction(
                        same, session -> more[0] = writer.truncate(session, changes.get(0), TRUNCATED_AT_ONCE)));
            }
            stored.update(next);
        } else {
            insist(() -> stored.transaction(next, session -> writer.write(session, changes)));
        }
    }

    /** The batch is valid and cannot be given back: what loses to somebody else's change is tried again. */
    private static void insist(Runnable transaction) {
        for (int attempt = 1; ; attempt++) {
            try {
                transaction.run();
                return;
            } catch (MongoException e) {
                if (!MongoErrors.isRolledBack(e)) {
                    throw e;
                }
                if (attempt == ATTEMPTS) {
                    throw ReplicatorException.retryable(
                            ErrorCode.TIMEOUT,
                            "could not finish a batch",
                            "Others change the same documents all the time.",
                            e);
                }
                LockSupport.parkNanos(PAUSE.toNanos() * attempt);
            }
        }
    }

    /** Removes all that is written down for the sync. */
    void forget() {
        collection.deleteMany(between(place(), place(new BsonMaxKey())));
    }
}
