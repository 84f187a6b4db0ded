package dev.replicator.cli.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the conflict history of table {@code work} on one master, as the replicator's role: the value shown of each side
 * is the column in which the two differ.
 */
final class ConflictReader implements Script.History {
    private static final String QUERY = """
            SELECT loser_key::jsonb ->> 'workid', loser_database, winner_database, type, reason,
                   (SELECT string_agg(l.key || ' ' || l.value, ', ')
                      FROM jsonb_each_text(loser_row::jsonb) l
                     WHERE l.value IS DISTINCT FROM winner_row::jsonb ->> l.key),
                   (SELECT string_agg(w.key || ' ' || w.value, ', ')
                      FROM jsonb_each_text(winner_row::jsonb) w
                     WHERE w.value IS DISTINCT FROM loser_row::jsonb ->> w.key)
              FROM replicator.conflict_history
             WHERE table_name = 'work'
             ORDER BY loser_time, id
            """;

    private final Stage stage;

    ConflictReader(Stage stage) {
        this.stage = stage;
    }

    @Override
    public List<Entry> read(String database) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(stage.jdbcUrl(database, Stage.REPLICATOR));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                entries.add(new Entry(
                        row.getString(1),
                        row.getString(2),
                        row.getString(6),
                        row.getString(3),
                        row.getString(7),
                        row.getString(4),
                        row.getString(5)));
            }
        }
        return entries;
    }
}
