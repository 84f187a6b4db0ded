package dev.replicator.postgres;

import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * Which syncs a person has paused, as it stands in one database. Thread: that of the connection, which has to be in
 * auto-commit mode. Needs the schema {@link ReplicatorSchema} installs, except for {@link #read}.
 */
public final class PauseMarks {
    private final Connection connection;

    public PauseMarks(Connection connection) {
        this.connection = connection;
    }

    /** A pause: since when, and by whom. */
    public record Pause(Instant since, String by) {}

    /** Marks the sync as paused; one that is paused already keeps its mark. */
    public void set(String sync, String by) {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO replicator.pause (sync, paused_by) VALUES (?, ?) ON CONFLICT (sync) DO NOTHING")) {
            insert.setString(1, sync);
            insert.setString(2, by);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw SqlErrors.doing("store the pause of sync \"" + sync + "\"", e);
        }
    }

    /** Takes the mark away; true if there was one. */
    public boolean clear(String sync) {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM replicator.pause WHERE sync = ?")) {
            delete.setString(1, sync);
            return delete.executeUpdate() > 0;
        } catch (SQLException e) {
            throw SqlErrors.doing("end the pause of sync \"" + sync + "\"", e);
        }
    }

    /** The mark, if there is one; none where the schema has not been installed yet. */
    public Optional<Pause> read(String sync) {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT since, paused_by FROM replicator.pause WHERE sync = ?")) {
                select.setString(1, sync);
                ResultSet rows = select.executeQuery();
                return rows.next()
                        ? Optional.of(new Pause(
                                rows.getObject(1, OffsetDateTime.class).toInstant(), rows.getString(2)))
                        : Optional.empty();
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the pause of sync \"" + sync + "\"", e);
        }
    }
}
