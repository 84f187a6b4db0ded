package dev.replicator.postgres;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What signs the marks in a master's log; made once. Thread: that of the connection. */
final class MarkSecret {
    private static final int BYTES = 32;

    private MarkSecret() {}

    static byte[] of(Connection connection, String sync) throws SQLException {
        byte[] made = new byte[BYTES];
        new SecureRandom().nextBytes(made);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO replicator.secret (sync, secret) VALUES (?, ?) ON CONFLICT (sync) DO NOTHING")) {
            insert.setString(1, sync);
            insert.setBytes(2, made);
            insert.executeUpdate();
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT secret FROM replicator.secret WHERE sync = ?")) {
            select.setString(1, sync);
            ResultSet row = select.executeQuery();
            row.next();
            return row.getBytes(1);
        }
    }
}
