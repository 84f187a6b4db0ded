package dev.replicator.postgres;

import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the merged operations of a chunk, at most one per key: table by table deletes, then updates, then upserts, those
 * of one shape in one statement; guarded ones last and one by one. Tables go by name and rows by key, so that sessions
 * which write the same rows lock them in the same order.
 *
 * <p>Design: up to {@value #MAX_SINGLE} rows of a shape go as plain statements, whose text does not depend on the rest of
 * the batch; hundreds of upserts may go by {@link CopyWriter}; others go as arrays, one a column, through {@code unnest}. Types that cannot be array elements go as VALUES in
 * steps of powers of two, so that the texts come again. Large statements travel alone, small ones together.
 *
 * <p>Thread: the target's.
 */
final class MergedWriter {
    static final int MAX_SINGLE = 3;
    private static final int MAX_ROWS = 1_000;
    private static final long MAX_BYTES = 4L << 20;
    private static final int MAX_VALUES_ROWS = 64;
    private static final int MAX_PARAMETERS = 30_000;
    /** A statement of so many rows is worth a round trip of its own. */
    private static final int LARGE_ROWS = 100;

    private static final Comparator<TableName> BY_NAME =
            Comparator.comparing(TableName::schema).thenComparing(TableName::name);
    private static final Comparator<Operation> BY_KEY = (one, other) -> Arrays.compareUnsigned(
            one.requireKey().canonical(), other.requireKey().canonical());

    private final Conversation conversation;
    private final Shapes shapes;
    private final OwnTransactions own;
    private final CopyWriter copies;

    MergedWriter(Conversation conversation, Shapes shapes, OwnTransactions own, CopyWriter copies) {
        this.conversation = conversation;
        this.copies = copies;
        this.shapes = shapes;
        this.own = own;
    }

    void write(List<Operation> merged, Outcome outcome) throws SQLException {
        if (merged.size() == 1 && !merged.get(0).isGuarded()) {
            writeOne(merged.get(0), outcome);
            conversation.flushIfLarge();
            return;
        }
        Map<TableName, Groups> tables = new TreeMap<>(BY_NAME);
        for (Operation operation : inLockOrder(merged)) {
            tables.computeIfAbsent(operation.table().name(), name -> new Groups())
                    .add(operation, shapes);
        }
        List<Operation> guarded = new ArrayList<>();
        for (Groups table : tables.values()) {
            for (Map<Shape, List<Operation>> groups : List.of(table.deletes, table.updates, table.upserts)) {
                for (Map.Entry<Shape, List<Operation>> group : groups.entrySet()) {
                    writeGroup(group.getKey(), group.getValue(), outcome);
                }
            }
            guarded.addAll(table.guarded);
        }
        for (Operation operation : guarded) {
            writeGuarded(operation, outcome);
        }
    }

    static List<Operation> inLockOrder(List<Operation> merged) {
        if (merged.size() < 2) {
            return merged;
        }
        List<Operation> sorted = new ArrayList<>(merged);
        sorted.sort(BY_KEY);
        return sorted;
    }

    /** The operations on one table, those of one shape together. */
    private static final class Groups {
        final Map<Shape, List<Operation>> deletes = new LinkedHashMap<>();
        final Map<Shape, List<Operation>> updates = new LinkedHashMap<>();
        final Map<Shape, List<Operation>> upserts = new LinkedHashMap<>();
        final List<Operation> guarded = new ArrayList<>(0);

        void add(Operation operation, Shapes shapes) throws SQLException {
            if (operation.isGuarded()) {
                guarded.add(operation);
                return;
            }
            Map<Shape, List<Operation>> groups = switch (operation.kind()) {
                case DELETE -> deletes;
                case UPDATE -> updates;
                case UPSERT -> upserts;
                case TRUNCATE, MOVE ->
                    throw new IllegalArgumentException("a " + operation.kind() + " cannot be merged");
            };
            groups.computeIfAbsent(shapes.of(operation), shape -> new ArrayList<>())
                    .add(operation);
        }
    }

    private void writeGroup(Shape shape, List<Operation> operations, Outcome outcome) throws SQLException {
        if (copies.takes(shape, operations.size())) {
            conversation.flush();
            outcome.countRows(copies.write(shape, operations));
            operations.forEach(operation -> outcome.wrote(operation.requireKey()));
            return;
        }
        for (int from = 0; from < operations.size(); ) {
            int to = from + rowsAtOnce(shape, operations, from);
            List<Operation> part = operations.subList(from, to);
            from = to;
            if (part.size() <= MAX_SINGLE) {
                for (Operation operation : part) {
                    writeSingle(shape, operation, outcome);
                    conversation.flushIfLarge();
                }
                continue;
            }
            if (part.size() >= LARGE_ROWS) {
                conversation.flush();
            }
            List<Parameter> parameters = new ArrayList<>(shape.canUnnest() ? shape.arrays(part) : shape.values(part));
            String sql = shape.canUnnest() ? shape.bulk() : shape.bulkOfValues(part.size());
            writeBulk(shape, sql, parameters, part, outcome);
            if (part.size() >= LARGE_ROWS) {
                conversation.flush();
            } else {
                conversation.flushIfLarge();
            }
        }
    }

    private static int rowsAtOnce(Shape shape, List<Operation> operations, int from) {
        int limit = MAX_ROWS;
        if (!shape.canUnnest()) {
            limit = Math.min(
                    MAX_VALUES_ROWS,
                    Math.max(1, MAX_PARAMETERS / shape.columns().size()));
            limit = Integer.highestOneBit(Math.min(limit, operations.size() - from));
        }
        int rows = 0;
        long bytes = 0;
        while (rows < limit && from + rows < operations.size() && bytes < MAX_BYTES) {
            Row row = operations.get(from + rows).requireRow();
            bytes += row.sizeBytes();
            rows++;
        }
        return shape.canUnnest() ? rows : Integer.highestOneBit(rows);
    }

    /** Writes one that is not guarded. */
    void writeOne(Operation operation, Outcome outcome) throws SQLException {
        if (operation.kind() == Operation.Kind.MOVE) {
            move(operation, outcome);
        } else {
            writeSingle(shapes.of(operation), operation, outcome);
        }
    }

    private void move(Operation operation, Outcome outcome) throws SQLException {
        Row row = operation.requireRow();
        Row from = operation.requireFrom();
        Shape carried = shapes.of(Operation.Kind.UPDATE, row);
        Shape newKey = shapes.of(Operation.Kind.DELETE, row);
        Shape oldKey = shapes.of(Operation.Kind.DELETE, from);
        List<Parameter> keys = new ArrayList<>(newKey.singleParameters(row));
        keys.addAll(oldKey.singleParameters(from));
        conversation.script().add(ShapeSql.makeRoom(newKey, oldKey), keys);
        List<Parameter> parameters = new ArrayList<>(carried.movedParameters(row));
        parameters.addAll(oldKey.singleParameters(from));
        conversation.add(ShapeSql.move(carried, oldKey), parameters, reply -> outcome.countRows(reply.count()));
    }

    private void writeSingle(Shape shape, Operation operation, Outcome outcome) {
        List<Parameter> parameters = shape.singleParameters(operation.requireRow());
        Key key = operation.requireKey();
        if (operation.kind() == Operation.Kind.UPSERT) {
            outcome.wrote(key);
            conversation.add(shape.single(), parameters, reply -> outcome.countRows(1));
            return;
        }
        conversation.addAwaited(shape.single(), parameters, reply -> {
            outcome.countRows(reply.count());
            if (reply.count() > 0) {
                outcome.wrote(key);
            } else {
                outcome.missed(key);
            }
        });
    }

    private void writeBulk(
            Shape shape, String sql, List<Parameter> parameters, List<Operation> operations, Outcome outcome) {
        if (shape.kind() == Operation.Kind.UPSERT) {
            operations.forEach(operation -> outcome.wrote(operation.requireKey()));
            conversation.add(sql, parameters, reply -> outcome.countRows(reply.count()));
            return;
        }
        parameters.add(Parameter.int8(operations.size()));
        conversation.addAwaited(sql, parameters, reply -> {
            outcome.countRows(Long.parseLong(String.valueOf(reply.text(0))));
            met(operations, reply, outcome);
        });
    }

    private static void met(List<Operation> operations, Pipe.Reply reply, Outcome outcome) {
        if (!outcome.listsKeys()) {
            return;
        }
        boolean all = Long.parseLong(String.valueOf(reply.text(0))) == operations.size();
        Set<Integer> numbers = new HashSet<>();
        @Nullable String list = reply.text(1);
        if (list != null) {
            for (String number : list.split(",", -1)) {
                numbers.add(Integer.valueOf(number));
            }
        }
        for (int i = 0; i < operations.size(); i++) {
            if (all || numbers.contains(i + 1)) {
                outcome.wrote(operations.get(i).requireKey());
            } else {
                outcome.missed(operations.get(i).requireKey());
            }
        }
    }

    /**
     * Writes it only if the row there was last written by one of our own transactions. An upsert of a missing row is
     * always written; a row that is there and was written by somebody else makes the key a skipped one.
     */
    void writeGuarded(Operation operation, Outcome outcome) throws SQLException {
        // The answer to the opening statements says which transaction this is.
        conversation.flush();
        Shape shape = shapes.of(operation);
        if (outcome.isListed(operation.requireKey()) || shape.isVoidOnConflict()) {
            writeSingle(shape, operation, outcome);
            conversation.flush();
            return;
        }
        List<Parameter> parameters = new ArrayList<>(shape.singleParameters(operation.requireRow()));
        parameters.add(own.parameter());
        Key key = operation.requireKey();
        long[] rows = new long[1];
        conversation.add(shape.guarded(), parameters, reply -> rows[0] = reply.count());
        conversation.flush();
        outcome.countRows(rows[0]);
        if (rows[0] > 0) {
            outcome.wrote(key);
        } else if (operation.kind() == Operation.Kind.UPSERT || exists(operation)) {
            outcome.skipped(key);
        } else {
            outcome.missed(key);
        }
    }

    private boolean exists(Operation operation) throws SQLException {
        Row row = operation.requireRow();
        Shape byKey = shapes.of(Operation.Kind.DELETE, row);
        long[] rows = new long[1];
        conversation.add(ShapeSql.select(byKey, "1"), byKey.singleParameters(row), reply -> rows[0] = reply.count());
        conversation.flush();
        return rows[0] > 0;
    }
}
