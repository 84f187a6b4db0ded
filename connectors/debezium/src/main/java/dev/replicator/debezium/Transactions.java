package dev.replicator.debezium;

import dev.replicator.codec.KeyCodec;
import dev.replicator.codec.SpooledChanges;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.Column;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.Transaction;
import dev.replicator.spi.SourceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Puts Debezium's records together to whole transactions.
 *
 * <p>A transaction ends with its END; without one (MariaDB gives none where the structure of a table changes) where the next
 * begins. Those without rows of ours are left out: nothing is read on from them. The first copy is one transaction. Thread:
 * one.
 */
final class Transactions {
    private static final String SOURCE_TYPE = "__debezium.source.column.";

    private final SourceRequest request;
    private final Kept kept;
    private final Map<String, Target> tables = new HashMap<>();
    private @Nullable SpooledChanges open;
    private long commitMicros;
    private long begun;

    /** A table as the sync knows it; relations by the structure that a record has. */
    private record Target(Table table, KeyCodec keys, Map<Schema, Relation> relations) {}

    Transactions(SourceRequest request, Kept kept) {
        this.request = request;
        this.kept = kept;
        for (TableSchema schema : request.tables()) {
            Table table = schema.table();
            tables.put(table.name().name(), new Target(table, new KeyCodec(table), new HashMap<>()));
        }
    }

    /** The first copy begins: all that stands in the tables there goes. */
    void copying() {
        SpooledChanges changes = begin(0);
        tables.values().forEach(target -> changes.add(Change.truncate(target.table())));
    }

    /** The first copy is complete, or there was none to be made; {@code at}: where the log follows. */
    void copied(Map<String, ?> at, Consumer<LogEntry> to) {
        SpooledChanges changes = open == null ? new SpooledChanges(request.spool(), request.transactionBytes()) : open;
        open = null;
        long place = BinlogPlace.of(at);
        to.accept(new Transaction(place - 1, place, System.currentTimeMillis() * 1000, 0, null, changes, kept.at(at)));
    }

    /** One record of the log or of the first copy. */
    void record(SourceRecord record, Consumer<LogEntry> to) {
        if (!(record.value() instanceof Struct value)) {
            return;
        }
        if (value.schema().field("status") != null) {
            border(record, value, to);
        } else if (value.schema().field("op") != null) {
            change(record, value);
            if (value.getString("op").equals("t")) {
                // It is a transaction of its own, and nothing says where that ends.
                begun = BinlogPlace.of(record.sourceOffset());
                finish(record.sourceOffset(), to);
            }
        }
    }

    private void border(SourceRecord record, Struct value, Consumer<LogEntry> to) {
        finish(record.sourceOffset(), to);
        if (value.getString("status").equals("BEGIN")) {
            begun = BinlogPlace.of(record.sourceOffset());
        }
    }

    private void finish(Map<String, ?> offset, Consumer<LogEntry> to) {
        SpooledChanges changes = open;
        open = null;
        if (changes != null) {
            to.accept(new Transaction(begun, begun + 1, commitMicros, 0, null, changes, kept.at(offset)));
        }
    }

    private SpooledChanges begin(long micros) {
        SpooledChanges changes = open;
        if (changes == null) {
            changes = new SpooledChanges(request.spool(), request.transactionBytes());
            open = changes;
            commitMicros = 0;
        }
        commitMicros = Math.max(commitMicros, micros);
        return changes;
    }

    private void change(SourceRecord record, Struct value) {
        Struct source = value.getStruct("source");
        Target target = tables.get(source.getString("table"));
        if (target == null) {
            return;
        }
        SpooledChanges changes = begin(source.getInt64("ts_ms") * 1000);
        String operation = value.getString("op");
        Struct before = value.getStruct("before");
        Struct after = value.getStruct("after");
        switch (operation) {
            case "t" -> changes.add(Change.truncate(target.table()));
            case "d" -> {
                Row old = row(target, required(before, record));
                changes.add(Change.delete(target.keys().keyOf(old), old, old));
            }
            case "u" -> {
                Row row = row(target, required(after, record));
                Row old = before == null ? null : row(target, before);
                changes.add(Change.update(target.keys().keyOf(row), row, old));
            }
            default -> {
                Row row = row(target, required(after, record));
                changes.add(Change.insert(target.keys().keyOf(row), row));
            }
        }
    }

    private Struct required(@Nullable Struct row, SourceRecord record) {
        if (row == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot read a change of " + record.topic() + ": the log has not the whole row",
                    null,
                    "SET GLOBAL binlog_row_image = 'FULL'; and see that sessions do not set another value.");
        }
        return row;
    }

    private Row row(Target target, Struct values) {
        Relation relation = target.relations().computeIfAbsent(values.schema(), schema -> relation(target, schema));
        Row.Builder row = new Row.Builder(relation);
        for (Field field : values.schema().fields()) {
            Object value = values.getWithoutDefault(field.name());
            if (value == null) {
                row.nil();
            } else {
                row.text(ValueText.of(field.schema(), value));
            }
        }
        return row.build();
    }

    private Relation relation(Target target, Schema schema) {
        List<Column> columns = new ArrayList<>();
        for (Field field : schema.fields()) {
            TypeMap.Type type = type(field.schema());
            columns.add(new Column(field.name(), type.oid(), type.name(), type.typmod()));
        }
        try {
            return new Relation(target.table(), columns);
        } catch (IllegalArgumentException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.SCHEMA_DIFFERS,
                    "cannot read a change of table " + target.table().name() + " of database \""
                            + request.database().name() + "\"",
                    "Its primary key has other columns than at the start.",
                    "Restart the program when the key is the same everywhere.");
        }
    }

    private static TypeMap.Type type(Schema schema) {
        Map<String, String> parameters = schema.parameters() == null ? Map.of() : schema.parameters();
        return TypeMap.of(
                parameters.getOrDefault(SOURCE_TYPE + "type", "TEXT"),
                number(parameters.get(SOURCE_TYPE + "length")),
                number(parameters.get(SOURCE_TYPE + "scale")));
    }

    private static @Nullable Integer number(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** How the tables of the source are called in the sync. */
    static TableName name(String table) {
        return new TableName("public", table);
    }
}
