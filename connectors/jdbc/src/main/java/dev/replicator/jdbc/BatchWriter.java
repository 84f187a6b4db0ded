package dev.replicator.jdbc;

import dev.replicator.codec.RowReader;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the work of a batch within the connection's transaction. Of each table first deletes, then updates, then upserts;
 * if something is refused there, the same work is done once more in its original order, row by row, so that values that
 * change places between rows go in, and the row that is really refused is known. Thread: that of the connection.
 */
final class BatchWriter {
    private static final int MAX_WRITERS = 500;

    private final Connection connection;
    private final Dialect dialect;
    private final Encoder encoder;
    private final Tables tables;
    private final String database;
    private final Map<Relation, RowWriter> writers = new IdentityHashMap<>();

    BatchWriter(Connection connection, Dialect dialect, Encoder encoder, Tables tables, String database) {
        this.connection = connection;
        this.dialect = dialect;
        this.encoder = encoder;
        this.tables = tables;
        this.database = database;
    }

    /** Operations on one table with rows of one form, to be written together. */
    private record Group(Relation relation, Operation.Kind kind, String carried) {}

    /** Says how many rows were written. */
    long write(Batch batch) throws SQLException {
        long rows = 0;
        for (Chunk chunk : batch.chunks()) {
            for (Table table : chunk.truncated()) {
                truncate(table);
            }
            rows += write(chunk);
        }
        return rows;
    }

    private void truncate(Table table) throws SQLException {
        // TRUNCATE ends the transaction on most databases.
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM " + tables.of(table).sqlName());
        }
    }

    /** Whether a table has no row. */
    boolean isEmpty(Table table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(1);
            try (ResultSet row =
                    statement.executeQuery("SELECT 1 FROM " + tables.of(table).sqlName())) {
                return !row.next();
            }
        }
    }

    private long write(Chunk chunk) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            writeMerged(chunk.merged());
            release(before);
            return chunk.merged().size();
        } catch (SQLException e) {
            if (dialect.meaning(e).kind() != Kind.POISON) {
                throw e;
            }
            connection.rollback(before);
            for (Operation operation : chunk.inOrder()) {
                if (operation.kind() == Operation.Kind.TRUNCATE) {
                    truncate(operation.table());
                } else {
                    writeOne(operation);
                }
            }
            return chunk.inOrder().size();
        }
    }

    private void release(Savepoint savepoint) throws SQLException {
        if (dialect.releasesSavepoints()) {
            connection.releaseSavepoint(savepoint);
        }
    }

    private void writeOne(Operation operation) throws SQLException {
        RowWriter writer = writer(operation);
        Row row = operation.requireRow();
        try {
            writeAll(writer, operation.kind(), List.of(operation));
        } catch (SQLException e) {
            if (dialect.meaning(e).kind() == Kind.POISON) {
                throw writer.poison(
                        row,
                        "The database says no (SQLSTATE " + e.getSQLState() + ", error " + e.getErrorCode() + ").",
                        e);
            }
            throw e;
        }
    }

    private void writeMerged(List<Operation> operations) throws SQLException {
        Map<Group, List<Operation>> groups = new LinkedHashMap<>();
        operations.stream()
                .sorted(Comparator.comparingInt(BatchWriter::turn))
                .forEach(operation -> groups.computeIfAbsent(group(operation), key -> new ArrayList<>())
                        .add(operation));
        for (Map.Entry<Group, List<Operation>> group : groups.entrySet()) {
            List<Operation> together = group.getValue();
            writeAll(writer(together.get(0)), group.getKey().kind(), together);
        }
    }

    private static int turn(Operation operation) {
        return switch (operation.kind()) {
            case DELETE -> 0;
            case UPDATE, MOVE -> 1;
            case UPSERT, TRUNCATE -> 2;
        };
    }

    private static Group group(Operation operation) {
        Row row = operation.requireRow();
        Relation relation = row.relation();
        if (operation.kind() == Operation.Kind.DELETE) {
            return new Group(relation, operation.kind(), "");
        }
        StringBuilder carried = new StringBuilder();
        for (int c = 0; c < relation.size(); c++) {
            carried.append(row.isAbsent(c) ? '-' : row.isAdded(c) ? '+' : '=');
        }
        return new Group(relation, operation.kind(), carried.toString());
    }

    private static void writeAll(RowWriter writer, Operation.Kind kind, List<Operation> operations)
            throws SQLException {
        List<Row> rows = operations.stream().map(Operation::requireRow).toList();
        switch (kind) {
            case DELETE -> writer.delete(rows);
            case UPDATE -> writer.update(rows);
            case UPSERT -> writer.upsert(rows);
            case MOVE -> {
                for (Operation operation : operations) {
                    writer.move(operation);
                }
            }
            case TRUNCATE -> throw new IllegalArgumentException("a TRUNCATE is no row");
        }
    }

    private RowWriter writer(Operation operation) throws SQLException {
        Relation relation = operation.requireRow().relation();
        RowWriter writer = writers.get(relation);
        if (writer == null) {
            if (writers.size() >= MAX_WRITERS) {
                forget();
            }
            RowReader reader = RowReader.of(relation, tables.schema(operation.table()));
            writer =
                    new RowWriter(connection, dialect, encoder, tables.of(operation.table(), reader), reader, database);
            writers.put(relation, writer);
        }
        return writer;
    }

    /** What is known of the tables may be wrong. */
    void forget() throws SQLException {
        for (RowWriter writer : writers.values()) {
            writer.close();
        }
        writers.clear();
    }
}
