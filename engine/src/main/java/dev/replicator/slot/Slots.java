package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Lsn;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The logical replication slots of one server, seen and handled from one of its databases.
 *
 * <p>Guarantees: every slot made is a {@code pgoutput} slot of the connection's database; no transaction of this session
 * is open while one is made. Thread: that of the connection, which is in auto-commit mode. Source: PostgreSQL
 * documentation, "Replication Management Functions", "pg_replication_slots"; {@code snapbuild.c} on why creation waits.
 */
public final class Slots {
    /** The only output plugin that every server has, and from 15.19, 16.15, 17.11 and 18.6 on the only one allowed. */
    public static final String PLUGIN = "pgoutput";

    private static final long FIRST_WAIT_MILLIS = 1_000;
    private static final long LONGEST_WAIT_MILLIS = 60_000;
    private static final long LOOK_MILLIS = 50;

    private static final String LIST = """
            SELECT s.slot_name, s.plugin, s.database, s.temporary, coalesce(s.active_pid, 0) AS active_pid,
              nullif(concat_ws(', ', 'application "' || nullif(a.application_name, '') || '"',
                'user "' || a.usename || '"', 'client ' || host(a.client_addr),
                'since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'), '') AS holder,
              coalesce(s.restart_lsn::text, '0/0') AS restart_lsn,
              coalesce(s.confirmed_flush_lsn::text, '0/0') AS confirmed,
              coalesce(pg_wal_lsn_diff(
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                s.restart_lsn), 0)::int8 AS retained,
              s.wal_status, coalesce(s.safe_wal_size, -1) AS safe,
              coalesce(to_jsonb(s) ->> 'invalidation_reason',
                CASE WHEN (to_jsonb(s) ->> 'conflicting')::boolean THEN 'conflict with recovery'
                  WHEN s.wal_status = 'lost' THEN 'wal_removed' END) AS invalidation,
              coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover
            FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
            """;

    private final Connection connection;
    private final String database;

    /** {@code database} is the short name, for messages. */
    public Slots(Connection connection, String database) {
        this.connection = connection;
        this.database = database;
    }

    /** All slots of the server, by name. */
    public List<Slot> list() {
        return query(LIST + " ORDER BY s.slot_name", null);
    }

    public Optional<Slot> find(String name) {
        return query(LIST + " WHERE s.slot_name = ?", name).stream().findFirst();
    }

    /**
     * Creates a slot and returns it. PostgreSQL makes it wait for every transaction that is running; when one of them
     * takes long, {@code whileWaiting} hears which, and says whether to go on.
     */
    public Slot create(String name, Predicate<List<Blocker>> whileWaiting) {
        long waitMillis = FIRST_WAIT_MILLIS;
        while (true) {
            try {
                createOnce(name, waitMillis);
                return find(name).orElseThrow(() -> missing(name));
            } catch (SQLException e) {
                if (!SqlErrors.state(e).equals("55P03")) {
                    throw createFailed(name, e);
                }
                List<Blocker> blockers = blockers();
                if (!whileWaiting.test(blockers)) {
                    throw new ReplicatorException(
                            Kind.RETRYABLE,
                            ErrorCode.TIMEOUT,
                            "could not create replication slot \"" + name + "\" on database \"" + database + "\"",
                            "It has to wait for the end of transactions that are running: " + Blocker.describe(blockers)
                                    + ".",
                            "End them, or wait.",
                            e);
                }
                waitMillis = Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS);
            }
        }
    }

    /** The wait for a single transaction is bounded, so that it can be named; the sum of many short ones is not. */
    private void createOnce(String name, long waitMillis) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw ReplicatorException.bug("slot created in an open transaction", "slot " + name);
        }
        try (PreparedStatement settings = connection.prepareStatement("SELECT set_config('lock_timeout', ?, false)")) {
            settings.setString(1, Long.toString(waitMillis));
            settings.execute();
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT pg_create_logical_replication_slot(?, ?)")) {
                statement.setString(1, name);
                statement.setString(2, PLUGIN);
                statement.execute();
            }
        } finally {
            try (Statement reset = connection.createStatement()) {
                reset.execute("SELECT set_config('lock_timeout', '0', false)");
            }
        }
    }

    private ReplicatorException createFailed(String name, SQLException e) {
        String doing = "create replication slot \"" + name + "\" on database \"" + database + "\"";
        if (SqlErrors.state(e).equals("55000")) {
            return new ReplicatorException(
                            Kind.FATAL,
                            ErrorCode.SERVER_SETTING,
                            "cannot " + doing,
                            SqlErrors.text(e),
                            "Set wal_level = logical and restart the server.",
                            e)
                    .within(context());
        }
        return SqlErrors.doing(doing, e).within(context());
    }

    /**
     * Transactions that slot creation waits for, oldest first. Of other roles' sessions only the process is visible
     * unless this role is a member of {@code pg_read_all_stats}.
     */
    public List<Blocker> blockers() {
        String sql = """
                SELECT l.pid, a.datname, a.usename, nullif(a.application_name, ''), a.state,
                  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), NULL
                FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                  AND l.pid IS NOT NULL AND l.pid <> pg_backend_pid()
                UNION ALL
                SELECT 0, database, owner, NULL, 'prepared',
                  to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), gid FROM pg_prepared_xacts
                ORDER BY 6 NULLS LAST, 1
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<Blocker> blockers = new ArrayList<>();
            while (row.next()) {
                blockers.add(new Blocker(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7)));
            }
            return blockers;
        } catch (SQLException e) {
            throw SqlErrors.doing("read the transactions running on database \"" + database + "\"", e)
                    .within(context());
        }
    }

    /** Drops a slot; returns whether it was there. Fails with SLOT_BUSY while somebody streams from it. */
    public boolean drop(String name) {
        Optional<Slot> found = find(name);
        if (found.isEmpty()) {
            return false;
        }
        if (found.get().isActive()) {
            throw SlotChecks.busy(found.get(), database);
        }
        run("SELECT pg_drop_replication_slot(?)", "drop replication slot", name);
        return true;
    }

    /** As {@link #drop(String)}, of a slot whose reader may be ending just now: waits for that, up to {@code limit}. */
    public boolean drop(String name, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return drop(name);
            } catch (ReplicatorException e) {
                if (e.code() != ErrorCode.SLOT_BUSY || deadline - System.nanoTime() <= 0) {
                    throw e;
                }
                pause(e);
            }
        }
    }

    private static void pause(ReplicatorException busy) {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy;
        }
    }

    /** Moves a slot forward: what lies below {@code to} will never be read from it. Returns where it stands now. */
    public long advance(String name, long to) {
        Slot slot = find(name).orElseThrow(() -> missing(name));
        if (slot.isActive()) {
            throw SlotChecks.busy(slot, database);
        }
        run("SELECT pg_replication_slot_advance(?, ?::pg_lsn)", "advance replication slot", name, Lsn.format(to));
        return find(name).orElseThrow(() -> missing(name)).confirmedFlush();
    }

    /** Copies a slot with its position; a temporary copy ends with this session. */
    public Slot copy(String name, String copy, boolean temporary) {
        run("SELECT pg_copy_logical_replication_slot(?, ?, " + temporary + ")", "copy replication slot", name, copy);
        return find(copy).orElseThrow(() -> missing(copy));
    }

    private void run(String sql, String doing, String name, String... more) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            for (int i = 0; i < more.length; i++) {
                statement.setString(i + 2, more[i]);
            }
            statement.execute();
        } catch (SQLException e) {
            if (SqlErrors.state(e).equals("42704")) {
                throw missing(name);
            }
            throw SqlErrors.doing(doing + " \"" + name + "\" on database \"" + database + "\"", e)
                    .within(context());
        }
    }

    private ReplicatorException missing(String name) {
        return ReplicatorException.fatal(
                        ErrorCode.SLOT_MISSING,
                        "cannot find replication slot \"" + name + "\" on database \"" + database + "\"",
                        null,
                        "Run \"replicator slot list\" for the slots there are.")
                .within(context());
    }

    private List<Slot> query(String sql, @Nullable String name) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            if (name != null) {
                statement.setString(1, name);
            }
            try (ResultSet row = statement.executeQuery()) {
                List<Slot> slots = new ArrayList<>();
                while (row.next()) {
                    slots.add(slot(row));
                }
                return slots;
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the replication slots of database \"" + database + "\"", e)
                    .within(context());
        }
    }

    private static Slot slot(ResultSet row) throws SQLException {
        return new Slot(
                row.getString("slot_name"),
                row.getString("plugin"),
                row.getString("database"),
                row.getBoolean("temporary"),
                row.getInt("active_pid"),
                row.getString("holder"),
                Lsn.parse(row.getString("restart_lsn")).value(),
                Lsn.parse(row.getString("confirmed")).value(),
                row.getLong("retained"),
                row.getString("wal_status"),
                row.getLong("safe"),
                row.getString("invalidation"),
                row.getBoolean("failover"));
    }

    private String context() {
        return "database \"" + database + "\"";
    }
}
