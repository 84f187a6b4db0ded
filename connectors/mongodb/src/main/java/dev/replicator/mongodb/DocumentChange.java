package dev.replicator.mongodb;

import dev.replicator.model.TableName;
import java.util.Locale;
import java.util.Objects;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * What is to be done to one document, or (TRUNCATE) to all of a collection, as a document itself, so that it can be written
 * down: the values are MongoDB's already. Built once, then read by anyone.
 */
final class DocumentChange {
    /** REPLACE: the whole document; PATCH: a part of one that is there; MOVE: a PATCH that changes its {@code _id}. */
    enum Kind {
        REPLACE,
        PATCH,
        MOVE,
        DELETE,
        TRUNCATE
    }

    private static final String KIND = "kind";
    private static final String TABLE = "table";
    private static final String COLLECTION = "collection";
    private static final String ROW = "row";
    private static final String ID = "id";
    private static final String FROM = "from";
    private static final String SET = "set";
    private static final String UNSET = "unset";
    private static final String ADD = "add";

    private final Kind kind;
    private final BsonDocument content;

    private DocumentChange(BsonDocument content) {
        this.kind = Kind.valueOf(content.getString(KIND).getValue().toUpperCase(Locale.ROOT));
        this.content = content;
    }

    static DocumentChange truncate(TableName table, String collection) {
        return new DocumentChange(new BsonDocument(KIND, word(Kind.TRUNCATE))
                .append(TABLE, new BsonString(table.toString()))
                .append(COLLECTION, new BsonString(collection)));
    }

    /** {@code row}: its key, for a message. */
    static DocumentChange of(Kind kind, TableName table, String collection, String row, BsonValue id) {
        DocumentChange change = new DocumentChange(new BsonDocument(KIND, word(kind))
                .append(TABLE, new BsonString(table.toString()))
                .append(COLLECTION, new BsonString(collection))
                .append(ROW, new BsonString(row))
                .append(ID, id));
        if (kind != Kind.DELETE) {
            change.content.append(SET, new BsonDocument()).append(UNSET, new BsonDocument());
            change.content.append(ADD, new BsonDocument());
        }
        return change;
    }

    private static BsonString word(Kind kind) {
        return new BsonString(kind.name().toLowerCase(Locale.ROOT));
    }

    /** Of {@link #written}. */
    static DocumentChange of(BsonDocument written) {
        return new DocumentChange(written);
    }

    /** Under an {@code _id} of its own. */
    BsonDocument written(BsonValue place) {
        BsonDocument written = new BsonDocument("_id", place);
        written.putAll(content);
        return written;
    }

    Kind kind() {
        return kind;
    }

    String table() {
        return content.getString(TABLE).getValue();
    }

    String collection() {
        return content.getString(COLLECTION).getValue();
    }

    String row() {
        return content.getString(ROW).getValue();
    }

    BsonValue id() {
        return Objects.requireNonNull(content.get(ID));
    }

    /** The {@code _id} of the document that a PATCH or MOVE begins with. */
    BsonValue before() {
        return content.getOrDefault(FROM, id());
    }

    void from(BsonValue id) {
        content.put(FROM, id);
    }

    BsonDocument set() {
        return content.getDocument(SET);
    }

    /** Its names are those of the fields that go. */
    BsonDocument unset() {
        return content.getDocument(UNSET);
    }

    void unset(String field) {
        unset().put(field, BsonNull.VALUE);
    }

    /** What numbers are added to. */
    BsonDocument add() {
        return content.getDocument(ADD);
    }
}
