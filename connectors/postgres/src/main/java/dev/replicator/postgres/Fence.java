package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The fence of one sync on one database: the row of {@code replicator.progress}, whose number says which session may
 * write.
 *
 * <p>{@link #take} locks the row, raises the number and commits synchronously. An earlier session that holds the row, or
 * the replication origin, is waited for briefly and then ended: by then its process is gone, or has lost the slots. Only
 * sessions of the same role can be ended; nothing else is tried.
 *
 * <p>Thread: the target's. The connection has to be in auto-commit mode.
 */
final class Fence {
    private static final String LOCK_TIMEOUT = "1s";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final long POLL_NANOS = 20_000_000;
    private static final int LOCK_ATTEMPTS = 12;

    private static final String HOLDER = "SELECT l.pid FROM replicator.progress p JOIN pg_catalog.pg_locks l "
            + "ON l.locktype = 'transactionid' AND l.transactionid = p.xmax AND l.granted AND l.mode = 'ExclusiveLock' "
            + "WHERE p.sync = ?";
    private static final String TERMINATE = "SELECT pg_catalog.pg_terminate_backend(a.pid) "
            + "FROM pg_catalog.pg_stat_activity a WHERE a.pid = ? AND a.usename = current_user "
            + "AND (?::text IS NULL OR a.backend_start = ?::timestamptz)";

    private final Connection connection;
    private final String sync;
    private final String database;
    private long number;
    private @Nullable Integer previousPid;
    private @Nullable String previousStart;

    Fence(Connection connection, String sync, String database) {
        this.connection = connection;
        this.sync = sync;
        this.database = database;
    }

    long number() {
        return number;
    }

    /**
     * Takes the fence; throws when another's session holds it and cannot be ended.
     *
     * @param own the number that has to stand there still, or 0: a process that was stopped while another took over must
     *     not end that one's session
     */
    void take(long own) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            refuseOther(own, current());
            try {
                raise(own);
                return;
            } catch (SQLException e) {
                rollback();
                refuseOther(own, current());
                if (!SqlErrors.state(e).equals("55P03")) {
                    throw e;
                }
                @Nullable Integer holder = holder();
                if (attempt == LOCK_ATTEMPTS) {
                    throw ReplicatorException.retryable(
                            ErrorCode.SLOT_BUSY,
                            "could not take over sync \"" + sync + "\" on database \"" + database + "\"",
                            "Its progress is locked by the session with PID " + holder + ", which could not be ended.",
                            e);
                }
                if (holder != null) {
                    terminate(holder, null);
                }
            }
        }
    }

    private void raise(long own) throws SQLException {
        execute("BEGIN");
        execute("SET LOCAL lock_timeout = '" + LOCK_TIMEOUT + "'");
        execute("SET LOCAL synchronous_commit = on");
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO replicator.progress (sync, database) VALUES (?, ?) ON CONFLICT (sync) DO NOTHING")) {
            insert.setString(1, sync);
            insert.setString(2, database);
            insert.executeUpdate();
        }
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT database, pid, backend_start::text, fence FROM replicator.progress WHERE sync = ? FOR UPDATE")) {
            select.setString(1, sync);
            ResultSet row = select.executeQuery();
            row.next();
            refuseOtherName(row.getString(1));
            refuseOther(own, row.getLong(4));
            previousPid = row.getObject(2, Integer.class);
            previousStart = row.getString(3);
        }
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE replicator.progress SET fence = fence + 1, pid = pg_catalog.pg_backend_pid(), backend_start = "
                        + "(SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()) "
                        + "WHERE sync = ? RETURNING fence")) {
            update.setString(1, sync);
            ResultSet row = update.executeQuery();
            row.next();
            number = row.getLong(1);
        }
        execute("COMMIT");
    }

    private void refuseOtherName(String stored) throws SQLException {
        if (!stored.equals(database)) {
            rollback();
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.IDENTITY_CHANGED,
                    "cannot use database \"" + database + "\" for sync \"" + sync + "\"",
                    "It holds the progress of that sync under the name \"" + stored + "\".",
                    "Give it its old name in the configuration. Two names for one database are not possible, and a copy"
                            + " of a database has to lose the copied progress first (\"replicator remove\").",
                    null);
        }
    }

    /** Runs {@code attempt} until the origin is free, ending the session that took the fence before this one. */
    void whenOriginIsFree(SqlAttempt attempt) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (boolean first = true; ; first = false) {
            try {
                attempt.run();
                return;
            } catch (SQLException e) {
                if (!SqlErrors.state(e).equals("55006") || System.nanoTime() > deadline) {
                    throw e;
                }
                if (first && previousPid != null) {
                    terminate(previousPid, previousStart);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** SQL that may be tried again. */
    interface SqlAttempt {
        void run() throws SQLException;
    }

    private long current() throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT fence FROM replicator.progress WHERE sync = ?")) {
            select.setString(1, sync);
            ResultSet row = select.executeQuery();
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private void refuseOther(long own, long now) {
        if (own != 0 && own != now) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FENCED,
                    ErrorCode.SLOT_BUSY,
                    "cannot write to database \"" + database + "\" any more: another process has taken over sync \""
                            + sync + "\"",
                    "This process took fence number " + own + "; it is " + now + " by now.",
                    null,
                    null);
        }
    }

    private @Nullable Integer holder() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOLDER)) {
            select.setString(1, sync);
            ResultSet row = select.executeQuery();
            return row.next() ? row.getObject(1, Integer.class) : null;
        }
    }

    private void terminate(int pid, @Nullable String start) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(TERMINATE)) {
            select.setInt(1, pid);
            select.setString(2, start);
            select.setString(3, start);
            select.executeQuery();
        }
    }

    private void rollback() throws SQLException {
        execute("ROLLBACK");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
