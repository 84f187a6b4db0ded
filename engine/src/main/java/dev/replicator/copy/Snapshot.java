package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.Positions;
import dev.replicator.model.SyncSpec;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Blocker;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One state of a source that several sessions see, and the exact place in its log where it stands: every transaction
 * whose commit record lies below that place is in it, and no other.
 *
 * <p>Design: only the creation of a logical slot gives both. So a temporary slot is made that nobody reads, and dropped
 * once all sessions have taken the snapshot over; it needs a free slot and WAL sender for a moment, and waits for the end
 * of running transactions, as every creation of a slot does. What the source has received from the other sources is read
 * from its progress row in the same state.
 *
 * <p>Thread: one; each session belongs to the thread that uses it. Source: PostgreSQL documentation, "Streaming
 * Replication Protocol", CREATE_REPLICATION_SLOT, "Snapshot Synchronization Functions"; its {@code tablesync.c}.
 */
final class Snapshot implements AutoCloseable {
    private static final String LOCK_TIMEOUT = "10s";
    private static final String HELD = "SELECT e.key, e.value FROM replicator.progress p"
            + " CROSS JOIN LATERAL jsonb_each_text(p.held) e WHERE p.sync = ?";

    private final DatabaseSpec source;
    private final List<Connection> sessions = new ArrayList<>();
    private final long lsn;
    private Positions held;

    private Snapshot(DatabaseSpec source, long lsn, int sources) {
        this.source = source;
        this.lsn = lsn;
        this.held = Positions.zero(sources);
    }

    /** Takes one, with {@code count} sessions that see it. May wait for running transactions; {@code index}: the source. */
    static Snapshot take(SyncSpec sync, int index, int count) {
        DatabaseSpec source = sync.sources().get(index);
        String purpose = "replicator " + sync.name() + " copies " + source.name();
        @Nullable Connection slot = null;
        @Nullable Snapshot snapshot = null;
        try {
            slot = Sessions.openReplication(source, purpose, Map.of("lock_timeout", LOCK_TIMEOUT));
            String name = "replicator_copy_" + UUID.randomUUID().toString().replace('-', '_');
            String exported;
            try (Statement statement = slot.createStatement();
                    ResultSet row = statement.executeQuery(
                            "CREATE_REPLICATION_SLOT " + name + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
                row.next();
                snapshot = new Snapshot(
                        source, Lsn.parse(row.getString("consistent_point")).value(), sync.sourceCount());
                exported = row.getString("snapshot_name");
            }
            for (int i = 0; i < count; i++) {
                snapshot.sessions.add(session(source, purpose, exported));
            }
            snapshot.held = snapshot.held(sync, index);
            return snapshot;
        } catch (SQLException e) {
            if (snapshot != null) {
                snapshot.close();
            }
            throw failed(source, e);
        } catch (ReplicatorException e) {
            if (snapshot != null) {
                snapshot.close();
            }
            throw e;
        } finally {
            if (slot != null) {
                Sessions.closeQuietly(slot);
            }
        }
    }

    private static ReplicatorException failed(DatabaseSpec source, SQLException e) {
        String doing = "take a snapshot of database \"" + source.name() + "\" to copy from";
        if (SqlErrors.state(e).equals("53400")) {
            return new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.SERVER_SETTING,
                    "could not " + doing,
                    SqlErrors.text(e),
                    "Copying needs one more replication slot for a moment: raise max_replication_slots.",
                    e);
        }
        if (SqlErrors.state(e).equals("55P03")) {
            return new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.TIMEOUT,
                    "could not " + doing,
                    "It waits for the end of transactions that are running: " + blockers(source) + ".",
                    "End them, or wait.",
                    e);
        }
        return SqlErrors.doing(doing, e);
    }

    private static String blockers(DatabaseSpec source) {
        try (Connection connection = Sessions.open(source, "replicator")) {
            return Blocker.describe(new Slots(connection, source.name()).blockers());
        } catch (SQLException e) {
            throw SqlErrors.connecting(source, e);
        }
    }

    private static Connection session(DatabaseSpec source, String purpose, String exported) throws SQLException {
        Connection session = Sessions.open(source, purpose);
        try (Statement statement = session.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET TRANSACTION SNAPSHOT '" + exported + "'");
            return session;
        } catch (SQLException e) {
            Sessions.closeQuietly(session);
            throw e;
        }
    }

    private Positions held(SyncSpec sync, int index) throws SQLException {
        Positions all = Positions.zero(sync.sourceCount()).raise(index, lsn);
        Connection any = sessions.get(0);
        if (!sync.isMultiMaster()) {
            return all;
        }
        try (PreparedStatement select = any.prepareStatement(HELD)) {
            select.setString(1, sync.name());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    for (int i = 0; i < sync.sourceCount(); i++) {
                        if (i != index && sync.node(i).name().equals(rows.getString(1))) {
                            all = all.raise(i, Lsn.parse(rows.getString(2)).value());
                        }
                    }
                }
            }
        }
        return all;
    }

    /** The sessions; each has a transaction open that sees the snapshot, and that nothing may end. */
    List<Connection> sessions() {
        return sessions;
    }

    /** What of every source the snapshot holds. */
    Positions held() {
        return held;
    }

    DatabaseSpec source() {
        return source;
    }

    /** The source's clock, microseconds since 1970: no commit that the snapshot holds is later. */
    long clockMicros() {
        try (Statement statement = sessions.get(0).createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw SqlErrors.doing("ask database \"" + source.name() + "\" for its clock", e);
        }
    }

    @Override
    public void close() {
        sessions.forEach(Sessions::closeQuietly);
        sessions.clear();
    }
}
