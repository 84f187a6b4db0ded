package dev.replicator.session;

import dev.replicator.model.ServerNames;
import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a sync stored in schema {@code replicator} of a PostgreSQL database. */
public final class SyncRows {
    private SyncRows() {}

    /**
     * Deletes it, and the schema once no sync is left in it; says whether there was anything. Every table of our schema that
     * has a column "sync" keeps rows by it, whatever the format of the schema.
     */
    public static boolean delete(Connection connection, String sync, String database) {
        try (Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("""
                    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                    WHERE c.relnamespace = to_regnamespace('replicator') AND c.relkind = 'r'
                      AND a.attname = 'sync' AND NOT a.attisdropped ORDER BY 1
                    """)) {
                while (row.next()) {
                    tables.add(new TableName(ServerNames.SCHEMA, row.getString(1)).quoted());
                }
            }
            long rows = 0;
            boolean empty = true;
            for (String table : tables) {
                rows += deleteFrom(connection, table, sync);
                try (ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM " + table + ")")) {
                    row.next();
                    empty &= !row.getBoolean(1);
                }
            }
            if (empty && schemaExists(statement)) {
                statement.execute("DROP SCHEMA " + ServerNames.SCHEMA + " CASCADE");
                return true;
            }
            return rows > 0;
        } catch (SQLException e) {
            throw SqlErrors.doing("remove what sync \"" + sync + "\" stored on database \"" + database + "\"", e);
        }
    }

    private static boolean schemaExists(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT to_regnamespace('replicator') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static long deleteFrom(Connection connection, String table, String sync) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + table + " WHERE sync = ?")) {
            statement.setString(1, sync);
            return statement.executeLargeUpdate();
        }
    }
}
