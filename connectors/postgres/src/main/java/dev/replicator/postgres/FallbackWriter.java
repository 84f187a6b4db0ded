package dev.replicator.postgres;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.Provenance;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.spi.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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
 * is poison, or put aside ({@link Quarantine}) where the sync says so. Deferrable constraints are checked at the end; when
 * that fails, all is done once more with every statement checked by itself, so that the row is known.
 *
 * <p>What was put aside for a row before is beneath what comes for it now, and is tried again at the end of a chunk that
 * writes its table.
 *
 * <p>A key's guard is that of its merged operation, for all its operations. Thread: the target's.
 */
final class FallbackWriter {
    private static final String SAVEPOINT = "SAVEPOINT replicator";
    private static final String RELEASE = "RELEASE SAVEPOINT replicator";
    private static final String ROLLBACK = "ROLLBACK TO SAVEPOINT replicator";
    private static final String CHUNK = "SAVEPOINT replicator_chunk";
    private static final String RELEASE_CHUNK = "RELEASE SAVEPOINT replicator_chunk";
    private static final String ROLLBACK_CHUNK = "ROLLBACK TO SAVEPOINT replicator_chunk";
    private static final String REPLACE = "SAVEPOINT replicator_replace";
    private static final String RELEASE_REPLACE = "RELEASE SAVEPOINT replicator_replace";
    private static final String ROLLBACK_REPLACE = "ROLLBACK TO SAVEPOINT replicator_replace";

    private final Connection connection;
    private final Conversation conversation;
    private final MergedWriter writer;
    private final Quarantine quarantine;
    private final String database;
    private final DeferrableConstraints deferrable;
    /** Whether every operation is checked by itself for what a constraint may leave to the end. */
    private boolean immediate;

    private long batchMicros;
    private Provenance provenance = Provenance.UNKNOWN;

    FallbackWriter(
            WriteSession session, Conversation conversation, MergedWriter writer, DeferrableConstraints deferrable) {
        this.deferrable = deferrable;
        this.connection = session.connection();
        this.conversation = conversation;
        this.writer = writer;
        this.quarantine = session.quarantine();
        this.database = session.database();
    }

    /** Writes one chunk of {@code batch}. */
    void write(Chunk chunk, Outcome outcome, Batch batch) throws SQLException {
        conversation.flush();
        batchMicros = batch.commitMicros();
        provenance = batch.provenance();
        execute(CHUNK);
        ChunkKeys keys;
        try {
            immediate = false;
            execute("SET CONSTRAINTS ALL DEFERRED");
            keys = writeAll(chunk, outcome);
            execute("SET CONSTRAINTS ALL IMMEDIATE");
            deferrable.check(List.copyOf(keys.merged.values()));
        } catch (SQLException e) {
            if (!WriteErrors.refusesRow(e)) {
                throw e;
            }
            conversation.discard();
            execute(ROLLBACK_CHUNK);
            quarantine.reload();
            immediate = true;
            execute("SET CONSTRAINTS ALL IMMEDIATE");
            keys = writeAll(chunk, outcome);
        }
        execute(RELEASE_CHUNK);
        keys.report(quarantine::holds);
    }

    private ChunkKeys writeAll(Chunk chunk, Outcome outcome) throws SQLException {
        ChunkKeys keys = new ChunkKeys(outcome);
        chunk.merged().forEach(operation -> keys.merged.put(operation.requireKey(), operation));
        List<Operation> operations = chunk.inOrder().isEmpty() ? chunk.merged() : chunk.inOrder();
        if (operations.stream().noneMatch(operation -> operation.kind() == Operation.Kind.TRUNCATE)
                && !chunk.truncated().isEmpty()) {
            truncate(chunk.truncated());
        }
        List<Operation> failed = writeInOrder(onTopOfParked(operations, keys), keys);
        while (!failed.isEmpty()) {
            List<Operation> again = writeInOrder(failed, keys);
            if (again.size() == failed.size()) {
                replace(again, keys);
                break;
            }
            failed = again;
        }
        Set<Table> tables = new HashSet<>();
        operations.forEach(operation -> tables.add(operation.table()));
        retry(quarantine.of(tables), keys);
        return keys;
    }

    /** Tries once more what was put aside, without anything new for it. */
    void retry(List<Key> parked, Outcome outcome) throws SQLException {
        conversation.flush();
        immediate = true;
        ChunkKeys keys = new ChunkKeys(outcome);
        retry(parked, keys);
        keys.report(quarantine::holds);
    }

    private void truncate(List<Table> tables) throws SQLException {
        Truncation.run(connection, tables);
        for (Table table : tables) {
            quarantine.truncated(table);
        }
    }

    /** What was put aside for a row is beneath the first operation that comes for it now. */
    private List<Operation> onTopOfParked(List<Operation> operations, ChunkKeys keys) throws SQLException {
        List<Operation> result = new ArrayList<>(operations.size());
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.MOVE) {
                result.addAll(withParked(operation, keys));
                continue;
            }
            Key key = operation.key();
            Operation now = operation;
            if (key != null && quarantine.holds(key)) {
                Quarantine.@Nullable Entry entry = quarantine.entry(key);
                quarantine.release(key);
                if (entry != null && quarantine.isCurrent(entry)) {
                    now = Quarantine.over(entry.operation(), operation);
                    keys.merged.computeIfPresent(key, (same, merged) -> Quarantine.over(entry.operation(), merged));
                }
            }
            result.add(now);
        }
        return result;
    }

    /** A row that moves takes along what was put aside for it; what was put aside at its new key is void. */
    private List<Operation> withParked(Operation move, ChunkKeys keys) throws SQLException {
        Row from = move.requireFrom();
        Key oldKey = new KeyCodec(move.table()).keyOf(from);
        Quarantine.@Nullable Entry entry = quarantine.entry(oldKey);
        quarantine.release(oldKey);
        quarantine.release(move.requireKey());
        if (entry == null) {
            return List.of(move);
        }
        Operation moved = Quarantine.over(
                entry.operation(), Operation.update(move.requireKey(), move.requireRow(), move.guard()));
        if (moved.kind() != Operation.Kind.UPSERT) {
            return List.of(Operation.move(move.requireKey(), moved.requireRow(), from));
        }
        Operation gone = Operation.delete(oldKey, from, Operation.UNGUARDED);
        keys.merged.put(oldKey, gone);
        keys.merged.put(move.requireKey(), moved);
        return List.of(gone, moved);
    }

    private void retry(List<Key> parked, ChunkKeys keys) throws SQLException {
        List<Key> left = new ArrayList<>(parked);
        left.removeAll(keys.parked);
        // A row may have waited for another one of them.
        for (int before = left.size() + 1; left.size() < before; ) {
            before = left.size();
            List<Key> refused = new ArrayList<>();
            for (Key key : left) {
                Quarantine.@Nullable Entry entry = quarantine.entry(key);
                if (entry == null) {
                    continue;
                }
                SQLException refusal = quarantine.isCurrent(entry) ? attemptUnguarded(entry.operation(), keys) : null;
                if (refusal == null) {
                    quarantine.release(key);
                } else {
                    refused.add(key);
                    tell(entry.operation(), refusal, keys);
                }
            }
            left = refused;
        }
    }

    /** Returns what the server refused, with everything later for the same keys. */
    private List<Operation> writeInOrder(List<Operation> operations, ChunkKeys keys) throws SQLException {
        List<Operation> failed = new ArrayList<>();
        Set<Key> failedKeys = new HashSet<>();
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.TRUNCATE) {
                truncate(List.of(operation.table()));
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
    private @Nullable SQLException attempt(Operation operation, ChunkKeys keys) throws SQLException {
        Key key = operation.requireKey();
        Operation guarded = operation.withGuard(keys.guard(operation));
        Outcome one = new Outcome(null);
        try {
            execute(SAVEPOINT);
            if (guarded.isGuarded()) {
                writer.writeGuarded(guarded, one);
            } else {
                writer.writeOne(guarded, one);
                conversation.flush();
            }
            if (immediate) {
                deferrable.check(List.of(operation));
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
            long rows = one.rows();
            keys.rows += rows;
            keys.add(key, rows > 0 || operation.kind() == Operation.Kind.UPSERT);
        }
        return null;
    }

    /** An operation that is in the way of others, or they in its, and its type of conflict if that turns out real. */
    private record Stuck(Operation operation, String conflictType) {}

    /** What the server refuses for good. */
    private record Refused(Stuck stuck, SQLException why) {}

    /** Rows that stand in each other's way: all of them go, then all of them come back as they shall be. */
    private void replace(List<Operation> failed, ChunkKeys keys) throws SQLException {
        Map<Key, Operation> outcomes = new LinkedHashMap<>();
        for (Operation operation : failed) {
            Key key = operation.requireKey();
            Operation merged = keys.merged.getOrDefault(key, operation);
            if (merged.adds()) {
                // What was written before has been added already.
                outcomes.merge(key, operation, Operation::fold);
            } else {
                // Of several operations of one key, the merged one is what they come to.
                outcomes.put(key, merged);
            }
        }
        while (!outcomes.isEmpty()) {
            ChunkKeys before = keys.copy();
            execute(REPLACE);
            Refused refused = tryToReplace(outcomes.values(), keys);
            if (refused == null) {
                execute(RELEASE_REPLACE);
                return;
            }
            execute(ROLLBACK_REPLACE);
            execute(RELEASE_REPLACE);
            keys.restore(before);
            Operation operation = refused.stuck().operation();
            park(outcomes.getOrDefault(operation.requireKey(), operation), refused, keys);
            outcomes.remove(operation.requireKey());
        }
    }

    private @Nullable Refused tryToReplace(Iterable<Operation> operations, ChunkKeys keys) throws SQLException {
        List<Stuck> stuck = new ArrayList<>();
        for (Operation operation : operations) {
            SQLException refusal = attempt(operation, keys);
            if (keys.skipped.contains(operation.requireKey()) || refusal == null) {
                continue;
            }
            @Nullable Row current = quarantine.current(operation);
            String type = current == null ? "insert_exists" : "update_exists";
            Stuck one = new Stuck(operation, type);
            // Only rows with the same value can be in each other's way, and a MOVE has nobody beside it.
            if (!WriteErrors.isUnique(refusal)
                    || keys.guard(operation) != Operation.UNGUARDED
                    || operation.kind() == Operation.Kind.MOVE) {
                return new Refused(one, refusal);
            }
            stuck.add(current == null ? one : new Stuck(whole(operation, current), type));
        }
        for (Stuck one : stuck) {
            Operation operation = one.operation();
            Operation delete = Operation.delete(operation.requireKey(), operation.requireRow(), Operation.UNGUARDED);
            SQLException refusal = attemptUnguarded(delete, keys);
            if (refusal != null) {
                return new Refused(one, refusal);
            }
        }
        for (Stuck one : stuck) {
            if (one.operation().kind() == Operation.Kind.UPSERT) {
                SQLException refusal = attemptUnguarded(one.operation(), keys);
                if (refusal != null) {
                    return new Refused(one, refusal);
                }
            }
        }
        return null;
    }

    private void park(Operation operation, Refused refused, ChunkKeys keys) throws SQLException {
        // What is to be added to a counter cannot wait in a table: by then it is not known to what. Nor can a MOVE: the
        // rest of its row would stay where it was.
        if (operation.adds()
                || operation.kind() == Operation.Kind.MOVE
                || quarantine.action(operation.table(), refused.why()) == OnError.Action.STOP) {
            throw WriteErrors.poison(
                    refused.why(),
                    database,
                    operation,
                    refused.stuck().conflictType(),
                    provenance.transactions(operation.requireKey()));
        }
        long commitMicros = provenance.commitMicros(operation.requireKey());
        quarantine.park(operation, refused.why(), commitMicros == 0 ? batchMicros : commitMicros);
        tell(operation, refused.why(), keys);
        keys.parked.add(operation.requireKey());
    }

    /** Tells of a change that is put aside and that shall be decided. */
    private void tell(Operation operation, SQLException refusal, ChunkKeys keys) throws SQLException {
        OnError.Action action = quarantine.action(operation.table(), refusal);
        if (action != OnError.Action.STOP && action != OnError.Action.QUARANTINE) {
            @Nullable Refusal told = quarantine.refusal(operation, refusal);
            if (told != null) {
                keys.refusals.put(operation.requireKey(), told);
            }
        }
    }

    private @Nullable SQLException attemptUnguarded(Operation operation, ChunkKeys keys) throws SQLException {
        keys.merged.put(operation.requireKey(), operation);
        return attempt(operation, keys);
    }

    /** The operation as one that states its row whole, in the relation of the operation's row. */
    private static Operation whole(Operation operation, Row current) {
        return operation.kind() == Operation.Kind.UPDATE
                ? Quarantine.over(Operation.upsert(operation.requireKey(), current, Operation.UNGUARDED), operation)
                : operation;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
