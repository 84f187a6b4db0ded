package dev.replicator.postgres;

import dev.replicator.model.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names whoever most likely holds a lock that was waited for in vain. Thread: that of the connection. */
final class Blockers {
    private static final String OLDEST = """
            SELECT a.pid, coalesce(a.usename, '?'), coalesce(a.application_name, ''), coalesce(a.state, '?'),
                   pg_catalog.date_trunc('second', a.xact_start)::text,
                   l.relation::regclass::text
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
              AND l.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
                             'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
              AND l.relation = ANY (SELECT pg_catalog.to_regclass(r)::oid FROM pg_catalog.unnest(?) AS r)
            ORDER BY a.xact_start NULLS LAST LIMIT 1
            """;

    private Blockers() {}

    /** The oldest other transaction that holds locks on these tables, or null. The transaction has to be rolled back. */
    static @Nullable String describe(Connection connection, List<Table> tables) {
        try (PreparedStatement select = connection.prepareStatement(OLDEST)) {
            Object[] names = tables.stream().map(table -> table.name().quoted()).toArray();
            select.setArray(1, connection.createArrayOf("text", names));
            ResultSet row = select.executeQuery();
            if (!row.next()) {
                return null;
            }
            // What a session does and since when is shown to its own role and to members of pg_read_all_stats.
            String doing = row.getString(5) == null
                    ? ""
                    : ", " + row.getString(4) + ", in its transaction since " + row.getString(5);
            return "Most likely it is held by the session with PID " + row.getInt(1) + " (role \"" + row.getString(2)
                    + "\", application \"" + row.getString(3) + "\"" + doing + "), which has locked table "
                    + row.getString(6) + ".";
        } catch (SQLException e) {
            return null;
        }
    }
}
