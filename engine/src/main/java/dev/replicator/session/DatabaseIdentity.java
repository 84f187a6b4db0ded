package dev.replicator.session;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Which database of which cluster a session reached. It is stored in the database itself ({@code replicator.identity})
 * when a sync first uses it: one that was cloned or restored from a backup then holds an identity that is not its own.
 *
 * @param systemIdentifier of the cluster, from {@code initdb} on
 * @param timeline raised when a standby is promoted or an archive recovered
 * @param databaseOid of the database within the cluster
 * @param name the database's name on the server
 */
public record DatabaseIdentity(long systemIdentifier, long timeline, long databaseOid, String name) {

    /** The identity of the database a session is connected to; needs no privilege. */
    public static DatabaseIdentity read(Connection connection, String database) {
        String sql = """
                SELECT (SELECT system_identifier FROM pg_control_system()),
                  CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id::int8 FROM pg_control_checkpoint())
                    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8 END,
                  oid, datname FROM pg_database WHERE datname = current_database()
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new DatabaseIdentity(row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4));
        } catch (SQLException e) {
            throw SqlErrors.doing("read the identity of database \"" + database + "\"", e);
        }
    }

    /** What was stored for a sync, if anything was. */
    public static Optional<DatabaseIdentity> stored(Connection connection, String database, String sync) {
        try {
            if (!isInstalled(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT system_identifier, timeline, database_oid, name FROM replicator.identity WHERE sync = ?")) {
                statement.setString(1, sync);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next()
                            ? Optional.of(new DatabaseIdentity(
                                    row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4)))
                            : Optional.empty();
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the stored identity of database \"" + database + "\"", e);
        }
    }

    /** Stores this identity for a sync; nothing where schema {@code replicator} has not been installed. */
    public void store(Connection connection, String database, String sync) {
        try {
            if (!isInstalled(connection)) {
                return;
            }
            try (PreparedStatement statement = connection.prepareStatement("""
                    INSERT INTO replicator.identity (sync, system_identifier, timeline, database_oid, name)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (sync) DO UPDATE SET
                      system_identifier = excluded.system_identifier, timeline = excluded.timeline,
                      database_oid = excluded.database_oid, name = excluded.name
                    """)) {
                statement.setString(1, sync);
                statement.setLong(2, systemIdentifier);
                statement.setLong(3, timeline);
                statement.setLong(4, databaseOid);
                statement.setString(5, name);
                statement.executeUpdate();
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("store the identity of database \"" + database + "\"", e);
        }
    }

    /**
     * The check at a start: throws IDENTITY_CHANGED when the database is another one than when the sync first used it,
     * and stores the identity when nothing was stored. A new timeline is accepted for a database that is only written,
     * and for a source whose slot was kept in step on its standby ({@code slotFollowed}): it is stored then.
     */
    public static DatabaseIdentity verify(
            Connection connection, String database, String sync, boolean source, boolean slotFollowed) {
        DatabaseIdentity now = read(connection, database);
        Optional<DatabaseIdentity> before = stored(connection, database, sync);
        if (before.isEmpty()) {
            now.store(connection, database, sync);
            return now;
        }
        now.refuseOther(before.get(), database, sync, source, slotFollowed);
        if (before.get().timeline != now.timeline) {
            now.store(connection, database, sync);
        }
        return now;
    }

    /** As {@link #verify}, but nothing is stored. */
    public static void check(
            Connection connection, String database, String sync, boolean source, boolean slotFollowed) {
        Optional<DatabaseIdentity> before = stored(connection, database, sync);
        if (before.isPresent()) {
            read(connection, database).refuseOther(before.get(), database, sync, source, slotFollowed);
        }
    }

    private void refuseOther(
            DatabaseIdentity stored, String database, String sync, boolean source, boolean slotFollowed) {
        refuseOtherDatabase(stored, database, sync);
        if (stored.timeline != timeline && source && !slotFollowed) {
            throw changed(
                    database,
                    sync,
                    "timeline",
                    stored.timeline,
                    timeline,
                    "A standby was promoted, or a"
                            + " backup recovered; what this sync had read of the old timeline may be missing there.");
        }
    }

    /** Throws IDENTITY_CHANGED unless both are the same database of the same cluster. */
    void refuseOtherDatabase(DatabaseIdentity stored, String database, String sync) {
        if (stored.systemIdentifier != systemIdentifier) {
            throw changed(
                    database,
                    sync,
                    "cluster",
                    stored.systemIdentifier,
                    systemIdentifier,
                    "It was restored from a" + " dump, upgraded, or the URL leads to another server.");
        }
        if (stored.databaseOid != databaseOid) {
            throw changed(
                    database,
                    sync,
                    "database",
                    stored.databaseOid,
                    databaseOid,
                    "It was created anew or copied" + " from a template.");
        }
    }

    private static ReplicatorException changed(
            String database, String sync, String what, long before, long now, String meaning) {
        return ReplicatorException.fatal(
                        ErrorCode.IDENTITY_CHANGED,
                        "cannot go on with database \"" + database + "\": it is not the one that sync \"" + sync
                                + "\" knew",
                        "Its " + what + " was " + before + " and is " + now + ". " + meaning,
                        "Correct the url, or, if this is meant: drop the slot of this sync there, run DELETE FROM"
                                + " replicator.identity, replicator.progress and replicator.state WHERE sync = '"
                                + sync.replace("'", "''")
                                + "' on that database, start again, and compare its tables with the others'.")
                .within("database \"" + database + "\"");
    }

    /** Whether both are the same database of the same cluster, whatever has happened to its timeline. */
    public boolean isSameDatabase(DatabaseIdentity other) {
        return systemIdentifier == other.systemIdentifier && databaseOid == other.databaseOid;
    }

    private static boolean isInstalled(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('replicator.identity') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }
}
