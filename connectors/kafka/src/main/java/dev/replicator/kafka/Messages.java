package dev.replicator.kafka;

import dev.replicator.codec.RowReader;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.TargetRequest;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of batches become: messages, in the order in which the sources made the changes. Rows have to be
 * whole, as a message cannot be changed later. One thread.
 */
final class Messages {
    private static final String DELETED = "d";
    private static final String TRUNCATED = "t";

    private final TargetRequest request;
    private final KafkaOptions options;
    private final Envelope envelope;
    private final Map<Table, TableSchema> schemas = new HashMap<>();
    private final Map<Relation, RowReader> readers = new IdentityHashMap<>();

    Messages(TargetRequest request, KafkaOptions options, Envelope envelope) {
        this.request = request;
        this.options = options;
        this.envelope = envelope;
        request.tables().forEach(schema -> schemas.put(schema.table(), schema));
    }

    /** Takes messages. */
    interface Out {
        /**
         * @param value null: a tombstone
         * @param row of which row, for a message about it
         */
        void message(Table table, byte[] key, byte @Nullable [] value, Supplier<String> row);

        /** To every partition of the table's topic. */
        void toAll(Table table, byte[] value);
    }

    /** Returns the number of changes. {@code transaction}: see {@link Envelope.Place}. */
    long write(Batch batch, String transaction, long nowMillis, Out out) {
        OneBatch one = new OneBatch(
                transaction, batch.commitMicros() == 0 ? nowMillis : batch.commitMicros() / 1000, nowMillis, out);
        for (Chunk chunk : batch.chunks()) {
            chunk.inOrder().forEach(one::write);
        }
        return one.order;
    }

    private final class OneBatch {
        private final String transaction;
        private final long committedMillis;
        private final long writtenMillis;
        private final Out out;
        private final Map<Table, Long> orders = new HashMap<>();
        private long order;

        OneBatch(String transaction, long committedMillis, long writtenMillis, Out out) {
            this.transaction = transaction;
            this.committedMillis = committedMillis;
            this.writtenMillis = writtenMillis;
            this.out = out;
        }

        private Envelope.Place place(String op, Table table) {
            return new Envelope.Place(
                    op, transaction, ++order, orders.merge(table, 1L, Long::sum), committedMillis, writtenMillis);
        }

        void write(Operation operation) {
            Table table = operation.table();
            switch (operation.kind()) {
                case UPSERT, UPDATE -> state(operation);
                case DELETE -> removal(table, operation.requireRow());
                case MOVE -> {
                    refuseIncomplete(operation);
                    removal(table, operation.requireFrom());
                    state(operation);
                }
                case TRUNCATE -> out.toAll(table, envelope.truncation(table.name(), place(TRUNCATED, table)));
            }
        }

        private void state(Operation operation) {
            refuseIncomplete(operation);
            Row row = operation.requireRow();
            RowReader reader = reader(row);
            Table table = operation.table();
            byte[] key = envelope.key(reader, row);
            byte[] value = envelope.value(table.name(), reader, null, row, place(options.upsertOp(), table));
            out.message(table, key, value, () -> reader.key(row));
        }

        private void removal(Table table, Row row) {
            RowReader reader = reader(row);
            byte[] key = envelope.key(reader, row);
            byte[] value = envelope.value(table.name(), reader, row, null, place(DELETED, table));
            out.message(table, key, value, () -> reader.key(row));
            if (options.tombstones()) {
                out.message(table, key, null, () -> reader.key(row));
            }
        }
    }

    private RowReader reader(Row row) {
        return readers.computeIfAbsent(
                row.relation(), relation -> RowReader.of(relation, schemas.get(relation.table())));
    }

    private void refuseIncomplete(Operation operation) {
        Row row = operation.requireRow();
        if (row.isWhole()) {
            return;
        }
        boolean adds = operation.adds();
        if (options.placeholders() && !adds) {
            return;
        }
        String table = operation.table().name().quoted();
        throw new ReplicatorException(
                Kind.FATAL,
                ErrorCode.TABLE,
                "cannot write a part of a row of table " + operation.table().name() + " to database \""
                        + request.database().name() + "\"",
                (adds
                                ? "The change of row " + reader(row).key(row) + " adds to a counter"
                                : "The log lacks large values of row "
                                        + reader(row).key(row) + " that did not change")
                        + "; a message holds a whole row.",
                adds
                        ? "Use another policy than delta for the table, or give it to targets of other kinds only."
                        : "Run ALTER TABLE " + table + " REPLICA IDENTITY FULL; on every source. For the changes made"
                                + " before that, set the option incomplete_rows: placeholder.",
                null);
    }
}
