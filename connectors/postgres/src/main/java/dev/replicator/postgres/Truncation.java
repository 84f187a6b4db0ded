package dev.replicator.postgres;

import dev.replicator.model.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Empties tables: by TRUNCATE in one statement where that is possible, else, when a foreign key of another table refers to
 * one of them or the privilege is missing, by deleting all rows. Never cascades. Thread: that of the connection.
 */
final class Truncation {
    private static final String POSSIBLE = """
            SELECT bool_and(pg_catalog.has_table_privilege(c.oid, 'TRUNCATE')
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f
                    WHERE f.contype = 'f' AND f.confrelid = c.oid AND f.conrelid <> ALL (t.oids)))
            FROM (SELECT pg_catalog.array_agg(r::regclass::oid) FROM pg_catalog.unnest(?) AS r) AS t (oids)
            JOIN pg_catalog.pg_class c ON c.oid = ANY (t.oids)
            """;

    private Truncation() {}

    static void run(Connection connection, List<Table> tables) throws SQLException {
        List<String> names =
                tables.stream().map(table -> table.name().quoted()).distinct().toList();
        boolean possible;
        try (PreparedStatement select = connection.prepareStatement(POSSIBLE)) {
            select.setArray(1, connection.createArrayOf("text", names.toArray()));
            ResultSet row = select.executeQuery();
            possible = row.next() && row.getBoolean(1);
        }
        // Deleting all rows takes as long as it takes.
        int timeoutMillis = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0);
        try (Statement statement = connection.createStatement()) {
            if (possible) {
                statement.execute("TRUNCATE " + String.join(", ", names));
            } else {
                for (String name : names) {
                    statement.execute("DELETE FROM " + name);
                }
            }
        } finally {
            connection.setNetworkTimeout(Runnable::run, timeoutMillis);
        }
    }
}
