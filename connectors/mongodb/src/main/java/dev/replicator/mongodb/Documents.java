package dev.replicator.mongodb;

import dev.replicator.codec.ColumnType;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.ValueType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of rows: {@code _id} is the key, a sub-document in the order of its columns if it has several, and every
 * column is a field of its name, those of the key included. One thread.
 */
final class Documents {
    /** Short of MongoDB's 16 MiB by what stands around a document that is written down. */
    static final int LARGEST = (16 << 20) - (64 << 10);
    /** From which size of a row on its document is measured. */
    private static final int LARGE_ROW = 4 << 20;

    private static final String ID = "_id";
    private static final String MICROS = "_micros";

    private final MongoOptions options;
    private final BsonValues values;
    private final Refusals refusals;
    private final Map<Table, TableSchema> schemas = new HashMap<>();
    private final Map<Relation, RowReader> readers = new IdentityHashMap<>();

    Documents(MongoOptions options, List<TableSchema> schemas, Refusals refusals) {
        this.options = options;
        this.values = new BsonValues(options.times(), options.unrepresentable());
        this.refusals = refusals;
        schemas.forEach(schema -> this.schemas.put(schema.table(), schema));
    }

    /** Why a column cannot be a field; null if it can. */
    static @Nullable String problemOf(List<String> columns, List<String> key, MongoOptions options) {
        for (String column : columns) {
            if (column.startsWith("$") || column.equals(ID) && !key.equals(List.of(ID))) {
                return "No field may be called like column \"" + column + "\".";
            }
            if (options.times() == MongoOptions.Times.DATE
                    && column.endsWith(MICROS)
                    && columns.contains(column.substring(0, column.length() - MICROS.length()))) {
                return "Column \"" + column + "\" is called like the field with the microseconds of another column.";
            }
        }
        return null;
    }

    DocumentChange change(Operation operation) {
        String collection = options.collection(operation.table().name());
        if (operation.kind() == Operation.Kind.TRUNCATE) {
            return DocumentChange.truncate(operation.table().name(), collection);
        }
        Row row = operation.requireRow();
        RowReader reader = reader(row);
        DocumentChange change = DocumentChange.of(
                kind(operation), operation.table().name(), collection, reader.key(row), id(reader, row));
        switch (operation.kind()) {
            case UPSERT, UPDATE -> fill(change, reader, row);
            case MOVE -> {
                change.from(id(reader(operation.requireFrom()), operation.requireFrom()));
                fill(change, reader, row);
            }
            case DELETE, TRUNCATE -> {}
        }
        return change;
    }

    private static DocumentChange.Kind kind(Operation operation) {
        return switch (operation.kind()) {
            case UPSERT -> DocumentChange.Kind.REPLACE;
            case UPDATE -> DocumentChange.Kind.PATCH;
            case MOVE -> DocumentChange.Kind.MOVE;
            case DELETE -> DocumentChange.Kind.DELETE;
            case TRUNCATE -> DocumentChange.Kind.TRUNCATE;
        };
    }

    private RowReader reader(Row row) {
        return readers.computeIfAbsent(row.relation(), this::reader);
    }

    /** Columns may have been added since the session was opened. */
    private RowReader reader(Relation relation) {
        RowReader reader = RowReader.of(relation, schemas.get(relation.table()));
        String problem = problemOf(
                relation.columns().stream().map(column -> column.name()).toList(),
                relation.table().keyColumns(),
                options);
        if (problem != null) {
            throw ReplicatorException.fatal(
                    ErrorCode.SCHEMA_DIFFERS,
                    "cannot write table " + relation.table().name().quoted() + " to MongoDB",
                    problem,
                    "Give the column another name there, or leave it out (columns).");
        }
        return reader;
    }

    private BsonValue id(RowReader reader, Row row) {
        Relation relation = row.relation();
        if (relation.keySize() == 1) {
            return values.ofKey(reader, row, relation.keyColumn(0));
        }
        BsonDocument id = new BsonDocument();
        for (int i = 0; i < relation.keySize(); i++) {
            int column = relation.keyColumn(i);
            id.put(reader.type(column).name(), values.ofKey(reader, row, column));
        }
        return id;
    }

    private void fill(DocumentChange change, RowReader reader, Row row) {
        try {
            for (int c = 0; c < row.relation().size(); c++) {
                ColumnType type = reader.type(c);
                if (row.isAbsent(c) || type.name().equals(ID)) {
                    continue;
                }
                if (row.isAdded(c)) {
                    change.add().put(type.name(), values.increment(type, row.text(c)));
                } else {
                    field(change, type, reader, row, c);
                }
            }
        } catch (BsonValues.Unrepresentable e) {
            throw refusals.unrepresentable(change, String.valueOf(e.getMessage()), e);
        }
        if (row.sizeBytes() > LARGE_ROW && size(change.set()) > LARGEST) {
            throw refusals.tooLarge(change);
        }
    }

    private void field(DocumentChange change, ColumnType type, RowReader reader, Row row, int c) {
        BsonValue value = values.of(reader, row, c);
        if (value.isNull() && options.nullAbsent()) {
            change.unset(type.name());
        } else {
            change.set().put(type.name(), value);
        }
        boolean timestamp = type.type() == ValueType.TIMESTAMP || type.type() == ValueType.TIMESTAMPTZ;
        if (timestamp && options.times() == MongoOptions.Times.DATE) {
            int micros = BsonValues.micros(reader.value(row, c));
            if (micros == 0) {
                change.unset(type.name() + MICROS);
            } else {
                change.set().put(type.name() + MICROS, new BsonInt32(micros));
            }
        }
    }

    /** {@code before}: the document as it is, null for none; what the change does not name stays as it is there. */
    BsonDocument after(DocumentChange change, @Nullable BsonDocument before) {
        BsonDocument document = new BsonDocument(ID, change.id());
        if (before != null) {
            before.forEach(document::putIfAbsent);
        }
        document.putAll(change.set());
        change.unset().keySet().forEach(document::remove);
        try {
            change.add().forEach((field, increment) -> {
                BsonValue now = document.get(field);
                if (now != null) {
                    document.put(field, values.sum(field, now, increment));
                }
            });
        } catch (BsonValues.Unrepresentable | ArithmeticException e) {
            throw refusals.of(change, "A counter has no room for the sum.", e);
        }
        return document;
    }

    static int size(BsonDocument document) {
        return new RawBsonDocument(document, new BsonDocumentCodec())
                .getByteBuffer()
                .remaining();
    }
}
