package dev.replicator.postgres;

import dev.replicator.session.SqlErrors;
import dev.replicator.spi.PauseMark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Whether a sync is paused, as it stands in one database. A database that was away when that changed has an older mark:
 * of several marks the {@link PauseMark#later later} one holds. Thread: that of the connection, which has to be in auto-commit
 * mode. Needs the schema {@link ReplicatorSchema} installs, except for {@link #read}.
 */
public final class PauseMarks {
    private final Connection connection;

    public PauseMarks(Connection connection) {
        this.connection = connection;
    }

    /** Stores a mark, unless there is a later one. */
    public void write(String sync, PauseMark mark) {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO replicator.pause AS p (sync, number, paused, since, said_by) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (sync) DO UPDATE SET number = excluded.number, paused = excluded.paused,
                  since = excluded.since, said_by = excluded.said_by
                WHERE p.number < excluded.number OR p.number = excluded.number AND excluded.paused
                """)) {
            insert.setString(1, sync);
            insert.setLong(2, mark.number());
            insert.setBoolean(3, mark.paused());
            insert.setObject(4, mark.since().atOffset(ZoneOffset.UTC));
            insert.setString(5, mark.by());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw SqlErrors.doing(
                    (mark.paused() ? "store the pause of sync \"" : "end the pause of sync \"") + sync + "\"", e);
        }
    }

    /** The mark, if there is one; none where the schema has not been installed yet. */
    public Optional<PauseMark> read(String sync) {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT number, paused, since, said_by FROM replicator.pause WHERE sync = ?")) {
                select.setString(1, sync);
                ResultSet rows = select.executeQuery();
                return rows.next()
                        ? Optional.of(new PauseMark(
                                rows.getLong(1),
                                rows.getBoolean(2),
                                rows.getObject(3, OffsetDateTime.class).toInstant(),
                                rows.getString(4)))
                        : Optional.empty();
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the pause of sync \"" + sync + "\"", e);
        }
    }
}
