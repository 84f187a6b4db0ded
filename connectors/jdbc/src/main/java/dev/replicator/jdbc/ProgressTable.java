package dev.replicator.jdbc;

import dev.replicator.codec.StoredProgress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table in which syncs keep their fence numbers, progress and pauses: a row for each sync. Its statements are part of
 * whatever transaction the connection is in. Thread: that of the connection.
 */
final class ProgressTable {
    private static final int NAME = 100;

    private final Connection connection;
    private final Dialect dialect;
    private final String name;
    private final String table;
    private final String sync;

    ProgressTable(Connection connection, Dialect dialect, String name, String sync) {
        this.connection = connection;
        this.dialect = dialect;
        this.name = name;
        this.table = dialect.quote(name);
        this.sync = sync;
    }

    boolean exists() throws SQLException {
        try (ResultSet rows =
                connection.getMetaData().getTables(connection.getCatalog(), connection.getSchema(), "%", null)) {
            while (rows.next()) {
                if (rows.getString("TABLE_NAME").equals(name)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** With autocommit on: to create a table ends a transaction on most databases. */
    void create() throws SQLException {
        if (!exists()) {
            run("CREATE TABLE " + table + " (" + column("sync") + " VARCHAR(" + NAME + ") NOT NULL, " + column("fence")
                    + " DECIMAL(18, 0) NOT NULL, " + column("holder") + " VARCHAR(" + NAME + "), " + column("progress")
                    + " " + dialect.longText() + ", " + column("pause") + " VARCHAR(250), PRIMARY KEY ("
                    + column("sync") + "))" + dialect.tableOptions());
        }
    }

    private String column(String column) {
        return dialect.quote(column);
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Makes the row of the sync, if there is none. Two processes may do so at once: one of them fails, and tries again. */
    void createRow() throws SQLException {
        if (number("fence", "") == null) {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO " + table + " (" + column("sync") + ", " + column("fence") + ") VALUES (?, 0)")) {
                insert.setString(1, sync);
                insert.executeUpdate();
            }
        }
    }

    /** The fence number that stands there; null: the sync has no row. */
    @Nullable
    Long fence() throws SQLException {
        return number("fence", "");
    }

    /** The same, and the row is locked until the transaction ends. */
    @Nullable
    Long lockedFence() throws SQLException {
        return number("fence", dialect.forUpdate());
    }

    private @Nullable Long number(String column, String lock) throws SQLException {
        String value = text(column, lock);
        return value == null ? null : Long.valueOf(value);
    }

    private @Nullable String text(String column, String lock) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT " + column(column) + " FROM " + table + " WHERE " + column("sync") + " = ?" + lock)) {
            select.setString(1, sync);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** What identifies the session that took the fence last; null if that is not known. */
    @Nullable
    String holder() throws SQLException {
        return text("holder", "");
    }

    void take(long fence, @Nullable String holder) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + table + " SET " + column("fence")
                + " = ?, " + column("holder") + " = ? WHERE " + column("sync") + " = ?")) {
            update.setLong(1, fence);
            update.setString(2, holder);
            update.setString(3, sync);
            update.executeUpdate();
        }
    }

    StoredProgress progress(List<String> sources) throws SQLException {
        return StoredProgress.parse(text("progress", ""), sources);
    }

    void store(StoredProgress progress, List<String> sources) throws SQLException {
        set("progress", progress.text(sources));
    }

    /** The mark of a pause, as text; null: there is none. */
    @Nullable
    String pause() throws SQLException {
        return text("pause", "");
    }

    void storePause(String pause) throws SQLException {
        set("pause", pause);
    }

    private void set(String column, @Nullable String value) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE " + table + " SET " + column(column) + " = ? WHERE " + column("sync") + " = ?")) {
            update.setString(1, value);
            update.setString(2, sync);
            update.executeUpdate();
        }
    }

    /** Deletes the row, and the table once it is empty; says whether there was one. With autocommit on. */
    boolean remove() throws SQLException {
        if (!exists()) {
            return false;
        }
        int rows;
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM " + table + " WHERE " + column("sync") + " = ?")) {
            delete.setString(1, sync);
            rows = delete.executeUpdate();
        }
        boolean empty;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            empty = row.next() && row.getLong(1) == 0;
        }
        if (empty) {
            run("DROP TABLE " + table);
        }
        return rows > 0 || empty;
    }
}
