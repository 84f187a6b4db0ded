package dev.replicator.postgres;

import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a chunk that the server refused in its merged form: the same operations one by one, in the order in which the
 * sources made them, each in a savepoint.
 *
 * <p>What fails is tried again after the others, as long as that helps (a unique value may be free by then). What is left
 * may be values that change places between rows: those rows are deleted, and then inserted whole. What fails even then
 * is poison. Deferrable constraints are checked at the end.
 *
 * <p>A key's guard is that of its merged operation, for all its operations. Thread: the target's.
 */
final class FallbackWriter {
    private static final String SAVEPOINT = "SAVEPOINT replicator";
    private static final String RELEASE = "RELEASE SAVEPOINT replicator";
    private static final String ROLLBACK = "ROLLBACK TO SAVEPOINT replicator";

    private final Connection connection;
    private final Conversation conversation;
    private final Shapes shapes;
    private final MergedWriter writer;
    private final String database;

    FallbackWriter(
            Connection connection, Conversation conversation, Shapes shapes, MergedWriter writer, String database) {
        this.connection = connection;
        this.conversation = conversation;
        this.shapes = shapes;
        this.writer = writer;
        this.database = database;
    }

    /** What became of the keys of one chunk. */
    private static final class Keys {
        private final Map<Key, Boolean> wrote = new LinkedHashMap<>();
        private final Set<Key> skipped = new HashSet<>();
        private final Map<Key, Operation> merged = new HashMap<>();
        private final Outcome batch;
        private long rows;

        Keys(Outcome batch) {
            this.batch = batch;
        }

        /** None for a key that this transaction has written already: the row is ours, and locked. */
        long guard(Operation operation) {
            Key key = operation.requireKey();
            return wrote.getOrDefault(key, false) || batch.isListed(key)
                    ? Operation.UNGUARDED
                    : merged.getOrDefault(key, operation).guard();
        }

        void add(Key key, boolean metRow) {
            wrote.merge(key, metRow, Boolean::logicalOr);
        }

        void truncated(Table table) {
            skipped.removeIf(key -> key.table().equals(table));
        }
    }

    void write(Chunk chunk, Outcome outcome) throws SQLException {
        conversation.flush();
        execute("SET CONSTRAINTS ALL DEFERRED");
        Keys keys = new Keys(outcome);
        chunk.merged().forEach(operation -> keys.merged.put(operation.requireKey(), operation));
        List<Operation> operations = chunk.inOrder().isEmpty() ? chunk.merged() : chunk.inOrder();
        if (operations.stream().noneMatch(operation -> operation.kind() == Operation.Kind.TRUNCATE)
                && !chunk.truncated().isEmpty()) {
            Truncation.run(connection, chunk.truncated());
        }
        chunk.truncated().forEach(table -> outcome.truncated(table.name()));
        List<Operation> failed = writeInOrder(operations, keys);
        while (!failed.isEmpty()) {
            List<Operation> again = writeInOrder(failed, keys);
            if (again.size() == failed.size()) {
                replace(again, keys);
                break;
            }
            failed = again;
        }
        execute("SET CONSTRAINTS ALL IMMEDIATE");
        keys.skipped.forEach(outcome::skipped);
        keys.skipped.forEach(keys.wrote::remove);
        outcome.countRows(keys.rows);
        keys.wrote.forEach((key, metRow) -> {
            if (metRow) {
                outcome.wroteInSavepoint(key);
            } else {
                outcome.missed(key);
            }
        });
    }

    /** Returns what the server refused, with everything later for the same keys. */
    private List<Operation> writeInOrder(List<Operation> operations, Keys keys) throws SQLException {
        List<Operation> failed = new ArrayList<>();
        Set<Key> failedKeys = new HashSet<>();
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.TRUNCATE) {
                Truncation.run(connection, List.of(operation.table()));
                // What came before it is gone, refused or not.
                failed.removeIf(earlier -> earlier.table().equals(operation.table()));
                failedKeys.removeIf(key -> key.table().equals(operation.table()));
                keys.truncated(operation.table());
                continue;
            }
            Key key = operation.requireKey();
            if (keys.skipped.contains(key)) {
                continue;
            }
            if (failedKeys.contains(key) || attempt(operation, keys) != null) {
                failedKeys.add(key);
                failed.add(operation);
            }
        }
        return failed;
    }

    /** Null, or why the server refused the row. */
    private @Nullable SQLException attempt(Operation operation, Keys keys) throws SQLException {
        Key key = operation.requireKey();
        Operation guarded = operation.withGuard(keys.guard(operation));
        Outcome one = new Outcome(null);
        try {
            execute(SAVEPOINT);
            if (guarded.isGuarded()) {
                writer.writeGuarded(guarded, one);
            } else {
                writer.writeSingle(shapes.of(guarded), guarded, one);
                conversation.flush();
            }
            execute(RELEASE);
        } catch (SQLException e) {
            if (!WriteErrors.refusesRow(e)) {
                throw e;
            }
            conversation.discard();
            execute(ROLLBACK);
            execute(RELEASE);
            return e;
        }
        if (one.isSkipped(key)) {
            keys.skipped.add(key);
        } else {
            long rows = one.result().rows();
            keys.rows += rows;
            keys.add(key, rows > 0 || operation.kind() == Operation.Kind.UPSERT);
        }
        return null;
    }

    /** An operation that is in the way of others, or they in its, and its type of conflict if that turns out real. */
    private record Stuck(Operation operation, String conflictType) {}

    /** Rows that stand in each other's way: all of them go, then all of them come back as they shall be. */
    private void replace(List<Operation> failed, Keys keys) throws SQLException {
        List<Stuck> stuck = new ArrayList<>();
        Map<Key, Operation> outcomes = new LinkedHashMap<>();
        for (Operation operation : failed) {
            // Of several operations of one key, the merged one is what they come to.
            outcomes.put(operation.requireKey(), keys.merged.getOrDefault(operation.requireKey(), operation));
        }
        for (Operation operation : outcomes.values()) {
            Stuck one = whole(operation, keys);
            if (!keys.skipped.contains(operation.requireKey())) {
                stuck.add(one);
            }
        }
        for (Stuck one : stuck) {
            Operation operation = one.operation();
            Operation delete = Operation.delete(operation.requireKey(), operation.requireRow(), Operation.UNGUARDED);
            orPoison(one, attemptUnguarded(delete, keys));
        }
        for (Stuck one : stuck) {
            if (one.operation().kind() == Operation.Kind.UPSERT) {
                orPoison(one, attemptUnguarded(one.operation(), keys));
            }
        }
    }

    private @Nullable SQLException attemptUnguarded(Operation operation, Keys keys) throws SQLException {
        keys.merged.put(operation.requireKey(), operation);
        return attempt(operation, keys);
    }

    private void orPoison(Stuck stuck, @Nullable SQLException refusal) {
        if (refusal != null) {
            throw WriteErrors.poison(refusal, database, stuck.operation(), stuck.conflictType());
        }
    }

    /** An operation that states its row whole; refused at once when rows in each other's way cannot be the reason. */
    private Stuck whole(Operation operation, Keys keys) throws SQLException {
        SQLException refusal = attempt(operation, keys);
        if (refusal != null && !WriteErrors.isUnique(refusal)) {
            throw WriteErrors.poison(refusal, database, operation, "");
        }
        @Nullable Row current = current(operation);
        String type = current == null ? "insert_exists" : "update_exists";
        if (refusal != null && keys.guard(operation) != Operation.UNGUARDED) {
            throw WriteErrors.poison(refusal, database, operation, type);
        }
        if (operation.kind() == Operation.Kind.UPDATE && current != null) {
            Row row = current.overlay(operation.requireRow());
            return new Stuck(Operation.upsert(operation.requireKey(), row, Operation.UNGUARDED), type);
        }
        return new Stuck(operation, type);
    }

    /** The row as it stands on the target, in text, or null. */
    private @Nullable Row current(Operation operation) throws SQLException {
        Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
        Relation relation = shapes.relationOf(byKey.table());
        String columns = String.join(
                ", ",
                relation.columns().stream()
                        .map(column -> "t." + TableName.quote(column.name()) + "::text")
                        .toList());
        List<Pipe.Reply> reply = new ArrayList<>();
        conversation.add(ShapeSql.select(byKey, columns), byKey.singleParameters(operation.requireRow()), reply::add);
        conversation.flush();
        if (reply.get(0).count() == 0) {
            return null;
        }
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            @Nullable String value = reply.get(0).text(c);
            if (value == null) {
                row.nil();
            } else {
                row.text(value);
            }
        }
        return row.build();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
