package dev.replicator.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.WriteModel;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.BsonDocument;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.BsonValue;

/**
 * Writes pages into the transaction that a session is in. What changes a part of a document reads it first, in the same
 * transaction: somebody else who writes it meanwhile undoes the transaction. One thread.
 */
final class PageWriter {
    private final MongoDatabase database;
    private final Documents documents;
    private final Refusals refusals;

    PageWriter(MongoDatabase database, Documents documents, Refusals refusals) {
        this.database = database;
        this.documents = documents;
        this.refusals = refusals;
    }

    void write(ClientSession session, List<DocumentChange> page) {
        Map<String, List<DocumentChange>> byCollection = new LinkedHashMap<>();
        for (DocumentChange change : page) {
            byCollection
                    .computeIfAbsent(change.collection(), name -> new ArrayList<>())
                    .add(change);
        }
        byCollection.forEach((name, changes) -> write(session, collection(name), changes));
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    private void write(ClientSession session, MongoCollection<BsonDocument> collection, List<DocumentChange> changes) {
        Map<Object, BsonDocument> before = read(session, collection, changes);
        List<WriteModel<BsonDocument>> models = new ArrayList<>();
        List<DocumentChange> written = new ArrayList<>();
        for (DocumentChange change : changes) {
            for (WriteModel<BsonDocument> model : models(change, before)) {
                models.add(model);
                written.add(change);
            }
        }
        if (models.isEmpty()) {
            return;
        }
        try {
            collection.bulkWrite(session, models);
        } catch (MongoBulkWriteException e) {
            if (!MongoErrors.isOfDocument(e)) {
                throw e;
            }
            throw refusals.of(
                    written.get(e.getWriteErrors().get(0).getIndex()),
                    "The server refuses it with error " + MongoErrors.code(e) + ".",
                    e);
        } catch (BsonMaximumSizeExceededException e) {
            throw tooLarge(models, written, e);
        }
    }

    private RuntimeException tooLarge(
            List<WriteModel<BsonDocument>> models,
            List<DocumentChange> written,
            BsonMaximumSizeExceededException thrown) {
        for (int i = 0; i < models.size(); i++) {
            if (models.get(i) instanceof ReplaceOneModel<BsonDocument> replace
                    && Documents.size(replace.getReplacement()) > Documents.LARGEST) {
                return refusals.tooLarge(written.get(i));
            }
        }
        return thrown;
    }

    /** The documents of which a part stays, by their {@code _id}. */
    private static Map<Object, BsonDocument> read(
            ClientSession session, MongoCollection<BsonDocument> collection, List<DocumentChange> changes) {
        List<BsonValue> ids = new ArrayList<>();
        for (DocumentChange change : changes) {
            if (change.kind() == DocumentChange.Kind.PATCH || change.kind() == DocumentChange.Kind.MOVE) {
                ids.add(change.before());
            }
        }
        Map<Object, BsonDocument> found = new HashMap<>();
        if (!ids.isEmpty()) {
            collection
                    .find(session, Filters.in("_id", ids))
                    .forEach(document -> found.put(comparable(Objects.requireNonNull(document.get("_id"))), document));
        }
        return found;
    }

    /** What is equal for MongoDB is equal: numbers of any type, those in sub-documents too. */
    static Object comparable(BsonValue id) {
        if (id.isDocument()) {
            List<Object> parts = new ArrayList<>();
            id.asDocument().forEach((name, value) -> parts.add(List.of(name, comparable(value))));
            return parts;
        }
        if (id.isDouble() && !Double.isFinite(id.asDouble().getValue())
                || id.isDecimal128()
                        && (id.asDecimal128().getValue().isNaN()
                                || id.asDecimal128().getValue().isInfinite())) {
            return id.asNumber().doubleValue();
        }
        if (id.isNumber()) {
            BigDecimal number = id.isDouble()
                    ? new BigDecimal(id.asDouble().getValue())
                    : id.isDecimal128()
                            ? new BigDecimal(id.asDecimal128().getValue().toString())
                            : BigDecimal.valueOf(id.asNumber().longValue());
            return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        }
        return id;
    }

    private List<WriteModel<BsonDocument>> models(DocumentChange change, Map<Object, BsonDocument> before) {
        return switch (change.kind()) {
            case DELETE -> List.of(new DeleteOneModel<>(Filters.eq("_id", change.id())));
            case REPLACE -> List.of(replace(change.id(), documents.after(change, null)));
            case PATCH -> {
                BsonDocument there = before.get(comparable(change.id()));
                yield there == null ? List.of() : List.of(replace(change.id(), documents.after(change, there)));
            }
            case MOVE -> {
                BsonDocument there = before.get(comparable(change.before()));
                yield there == null
                        ? List.of()
                        : List.of(
                                new DeleteOneModel<>(Filters.eq("_id", change.before())),
                                replace(change.id(), documents.after(change, there)));
            }
            case TRUNCATE -> List.of();
        };
    }

    private static WriteModel<BsonDocument> replace(BsonValue id, BsonDocument document) {
        return new ReplaceOneModel<>(Filters.eq("_id", id), document, new ReplaceOptions().upsert(true));
    }

    /** Roughly: how many documents a TRUNCATE has to remove. */
    long size(DocumentChange truncate) {
        return collection(truncate.collection()).estimatedDocumentCount();
    }

    /** Removes at most so many; false: all are gone. */
    boolean truncate(ClientSession session, DocumentChange truncate, int limit) {
        MongoCollection<BsonDocument> collection = collection(truncate.collection());
        List<BsonValue> ids = new ArrayList<>();
        collection
                .find(session)
                .projection(Projections.include("_id"))
                .limit(limit)
                .forEach(document -> ids.add(document.get("_id")));
        if (!ids.isEmpty()) {
            collection.deleteMany(session, Filters.in("_id", ids));
        }
        return ids.size() == limit;
    }

    void truncate(ClientSession session, DocumentChange truncate) {
        collection(truncate.collection()).deleteMany(session, Filters.empty());
    }
}
