package dev.replicator.cli.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** One of the demo's databases, as an application sees it: one session of the tables' owner. Thread: one at a time. */
final class Master implements AutoCloseable {
    private final String name;
    private final Connection connection;

    private Master(String name, Connection connection) {
        this.name = name;
        this.connection = connection;
    }

    static Master connect(String name, String jdbcUrl) throws SQLException {
        return new Master(name, DriverManager.getConnection(jdbcUrl));
    }

    String name() {
        return name;
    }

    Connection connection() {
        return connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row as text; null when it is null or there is no row. */
    @Nullable
    String value(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : null;
        }
    }

    /** A query to be asked again and again. */
    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session when it ends.
        }
    }
}
