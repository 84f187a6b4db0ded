package dev.replicator.postgres;

import dev.replicator.model.ServerNames;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Replication origins for sessions that load rows. One origin serves one session at a time, so that further sessions have
 * further ones, named after the first; they are dropped when all is copied. Thread: that of the connection.
 */
final class LoadOrigin {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(15).toNanos();
    private static final long POLL_NANOS = 50_000_000;

    private LoadOrigin() {}

    /** False: the functions are not granted. */
    static boolean enter(Connection connection, String origin, int number) throws SQLException {
        if (!Origin.isGranted(connection)) {
            return false;
        }
        String name = number == 0 ? origin : origin + ServerNames.COPY_ORIGIN + number;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Origin.create(connection, name);
        while (true) {
            try {
                call(connection, "SELECT pg_catalog.pg_replication_origin_session_setup(?)", name);
                return true;
            } catch (SQLException e) {
                // The session that had it before has not ended yet.
                if (!SqlErrors.state(e).equals("55006") || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    static void leave(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_catalog.pg_replication_origin_session_reset()");
        }
    }

    static void dropExtra(Connection connection, String origin) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT roname FROM pg_catalog.pg_replication_origin WHERE starts_with(roname, ?)")) {
            select.setString(1, origin + ServerNames.COPY_ORIGIN);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    call(connection, "SELECT pg_catalog.pg_replication_origin_drop(?)", rows.getString(1));
                }
            }
        } catch (SQLException e) {
            // It does no harm where it may not be dropped, and is used again by the next copy.
            if (!SqlErrors.state(e).equals("42501")) {
                throw e;
            }
        }
    }

    private static void call(Connection connection, String sql, String name) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(sql)) {
            call.setString(1, name);
            call.execute();
        }
    }
}
