package dev.replicator.it.facts;

import dev.replicator.it.harness.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a query gives. */
final class Rows {
    private Rows() {}

    /** First column of all rows, as text. */
    static List<String> of(Server server, String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        }
    }

    static String first(Server server, String database, String sql) throws SQLException {
        return of(server, database, sql).get(0);
    }
}
