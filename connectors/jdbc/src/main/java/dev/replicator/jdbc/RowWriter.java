package dev.replicator.jdbc;

import dev.replicator.codec.RowReader;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.jdbc.Encoder.NotHeld;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Writes operations of one table whose rows carry the same columns of one relation, within the connection's transaction.
 * Statements are kept for the next batch. Thread: that of the connection.
 */
final class RowWriter implements AutoCloseable {
    private static final int MANY = 100;

    private final Connection connection;
    private final Dialect dialect;
    private final Encoder encoder;
    private final TargetTable table;
    private final RowReader reader;
    private final String database;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>();

    RowWriter(
            Connection connection,
            Dialect dialect,
            Encoder encoder,
            TargetTable table,
            RowReader reader,
            String database) {
        this.connection = connection;
        this.dialect = dialect;
        this.encoder = encoder;
        this.table = table;
        this.reader = reader;
        this.database = database;
    }

    RowReader reader() {
        return reader;
    }

    TargetTable table() {
        return table;
    }

    /** Deletes the rows with these keys. */
    void delete(List<Row> rows) throws SQLException {
        List<String> key = table.table().keyColumns();
        String name = dialect.name(table, key.get(0));
        Iterator<Row> left = rows.iterator();
        int many = key.size() == 1 ? rows.size() / MANY * MANY : 0;
        for (int done = 0; done < many; done += MANY) {
            PreparedStatement statement = prepared(
                    "DELETE FROM " + table.sqlName() + " WHERE " + name + " IN (" + "?, ".repeat(MANY - 1) + "?)");
            for (int i = 0; i < MANY; i++) {
                bind(statement, i + 1, left.next(), key);
            }
            statement.executeUpdate();
        }
        if (left.hasNext()) {
            PreparedStatement statement = prepared("DELETE FROM " + table.sqlName() + " WHERE " + where(key));
            while (left.hasNext()) {
                bind(statement, 1, left.next(), key);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private String where(List<String> key) {
        StringJoiner conditions = new StringJoiner(" AND ");
        key.forEach(column ->
                conditions.add(dialect.name(table, column) + " = " + dialect.parameter(table.column(column))));
        return conditions.toString();
    }

    /** Inserts whole rows, or replaces those that are there. */
    void upsert(List<Row> rows) throws SQLException {
        List<String> columns = columns(rows.get(0));
        int many =
                dialect.insertsManyRows() ? Math.max(1, Math.min(MANY, dialect.maxParameters() / columns.size())) : 1;
        String one = dialect.upsert(table, columns, 1);
        if (one == null) {
            delete(rows);
            one = dialect.insert(table, columns, 1);
        }
        Iterator<Row> left = rows.iterator();
        if (many > 1) {
            String upsert = dialect.upsert(table, columns, many);
            String sql = upsert == null ? dialect.insert(table, columns, many) : upsert;
            for (int done = many; done <= rows.size(); done += many) {
                PreparedStatement statement = prepared(sql);
                for (int i = 0; i < many; i++) {
                    bind(statement, i * columns.size() + 1, left.next(), columns);
                }
                statement.executeUpdate();
            }
        }
        if (left.hasNext()) {
            PreparedStatement statement = prepared(one);
            while (left.hasNext()) {
                bind(statement, 1, left.next(), columns);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Sets the columns that are carried, and adds to counters, where a row is. */
    void update(List<Row> rows) throws SQLException {
        Row first = rows.get(0);
        List<String> key = table.table().keyColumns();
        List<String> set = new ArrayList<>(columns(first));
        set.removeAll(key);
        if (set.isEmpty()) {
            return;
        }
        PreparedStatement statement =
                prepared("UPDATE " + table.sqlName() + " SET " + assignments(first, set) + " WHERE " + where(key));
        for (Row row : rows) {
            bind(statement, 1, row, set);
            bind(statement, set.size() + 1, row, key);
            statement.addBatch();
        }
        statement.executeBatch();
    }

    private String assignments(Row row, List<String> columns) {
        StringJoiner set = new StringJoiner(", ");
        for (String column : columns) {
            String name = dialect.name(table, column);
            String mark = dialect.parameter(table.column(column));
            boolean added = row.isAdded(row.relation().indexOf(column));
            set.add(name + " = " + (added ? name + " + " + mark : mark));
        }
        return set.toString();
    }

    /** The row at the old key gets the new one and what is carried; it takes the place of what stands at the new key. */
    void move(Operation operation) throws SQLException {
        Row row = operation.requireRow();
        Row from = operation.requireFrom();
        List<String> key = table.table().keyColumns();
        if (!exists(from)) {
            return;
        }
        delete(List.of(row));
        List<String> set = columns(row);
        PreparedStatement statement =
                prepared("UPDATE " + table.sqlName() + " SET " + assignments(row, set) + " WHERE " + where(key));
        bind(statement, 1, row, set);
        bind(statement, set.size() + 1, from, key);
        statement.executeUpdate();
    }

    private boolean exists(Row key) throws SQLException {
        List<String> columns = table.table().keyColumns();
        PreparedStatement statement = prepared("SELECT 1 FROM " + table.sqlName() + " WHERE " + where(columns));
        bind(statement, 1, key, columns);
        try (ResultSet found = statement.executeQuery()) {
            return found.next();
        }
    }

    /** The columns that a row carries, by the source's names. */
    private static List<String> columns(Row row) {
        List<String> columns = new ArrayList<>();
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)) {
                columns.add(row.relation().columns().get(c).name());
            }
        }
        return columns;
    }

    private void bind(PreparedStatement statement, int from, Row row, List<String> columns) throws SQLException {
        for (int i = 0; i < columns.size(); i++) {
            TargetColumn column = table.column(columns.get(i));
            int index = row.relation().indexOf(columns.get(i));
            dialect.bind(statement, from + i, encoded(row, index, column), column);
        }
    }

    private @Nullable Object encoded(Row row, int index, TargetColumn column) {
        try {
            // An increment may be too large for the type of its column, and yet bring the sum back into its range.
            return row.isAdded(index) ? new BigDecimal(row.text(index)) : encoder.encode(reader, row, index, column);
        } catch (NotHeld e) {
            throw poison(row, String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw poison(row, "It has a value that does not read: " + e.getMessage() + ".", e);
        }
    }

    /** This row can never be written here. */
    ReplicatorException poison(Row row, String why, Exception cause) {
        return new ReplicatorException(
                ReplicatorException.Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot write a row of table " + table.table().name() + " to database \"" + database + "\"",
                "The row with " + reader.key(row) + " is refused. " + why,
                "Change the row on the source, the column here, or the option \"unrepresentable\".",
                cause);
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        statement.clearBatch();
        return statement;
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }
}
