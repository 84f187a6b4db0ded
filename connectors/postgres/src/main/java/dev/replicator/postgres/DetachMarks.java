package dev.replicator.postgres;

import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which databases a sync does without for now, as it stands in one of the others. Thread: that of the connection, which has
 * to be in auto-commit mode. Writing needs the schema {@link ReplicatorSchema} installs.
 */
public final class DetachMarks {
    private final Connection connection;

    public DetachMarks(Connection connection) {
        this.connection = connection;
    }

    /**
     * What was said last of one database of a sync. A database that was away when that changed has an older mark: of several
     * the {@link #later later} one holds.
     *
     * @param number rises each time something is said
     * @param detached whether the sync does without it
     * @param since when it was said, by the clock of the machine it was said on
     * @param by who said it
     */
    public record Mark(String database, long number, boolean detached, Instant since, String by) {
        /** The one of both that holds. */
        public static Optional<Mark> later(Optional<Mark> a, Optional<Mark> b) {
            return Stream.concat(a.stream(), b.stream())
                    .max(Comparator.comparingLong(Mark::number).thenComparing(Mark::detached));
        }
    }

    /** All marks of a sync; none where the table has not been made yet. */
    public List<Mark> read(String sync) {
        List<Mark> marks = new ArrayList<>();
        try {
            if (!exists()) {
                return marks;
            }
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT database, number, detached, since, said_by FROM replicator.detached WHERE sync = ?")) {
                select.setString(1, sync);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        marks.add(new Mark(
                                rows.getString(1),
                                rows.getLong(2),
                                rows.getBoolean(3),
                                rows.getObject(4, OffsetDateTime.class).toInstant(),
                                rows.getString(5)));
                    }
                }
            }
            return marks;
        } catch (SQLException e) {
            throw SqlErrors.doing("read which databases sync \"" + sync + "\" does without", e);
        }
    }

    private boolean exists() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('replicator.detached') IS NOT NULL")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Stores a mark, unless there is a later one. */
    public void write(String sync, Mark mark) {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO replicator.detached AS d (sync, database, number, detached, since, said_by)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (sync, database) DO UPDATE SET number = excluded.number, detached = excluded.detached,
                  since = excluded.since, said_by = excluded.said_by
                WHERE d.number < excluded.number
                """)) {
            insert.setString(1, sync);
            insert.setString(2, mark.database());
            insert.setLong(3, mark.number());
            insert.setBoolean(4, mark.detached());
            insert.setObject(5, mark.since().atOffset(ZoneOffset.UTC));
            insert.setString(6, mark.by());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw SqlErrors.doing(
                    "store that sync \"" + sync + "\" does" + (mark.detached() ? " without" : " with") + " database \""
                            + mark.database() + "\"",
                    e);
        }
    }

    /**
     * Forgets how far this database has another's changes, which joins anew: its log may be another one by then. No process
     * may run that reads from it.
     */
    public void forget(String sync, String database) {
        try (PreparedStatement progress = connection.prepareStatement("""
                        UPDATE replicator.progress SET held = held - ?, states = (
                          SELECT coalesce(jsonb_object_agg(key, value #- ARRAY['held', ?] #- ARRAY['done', ?]), '{}')
                          FROM jsonb_each(states) WHERE key <> ?)
                        WHERE sync = ?
                        """);
                PreparedStatement state = connection.prepareStatement("""
                        UPDATE replicator.state SET state = state #- ARRAY['held', ?] #- ARRAY['done', ?] WHERE sync = ?
                        """)) {
            for (int parameter = 1; parameter <= 4; parameter++) {
                progress.setString(parameter, database);
            }
            progress.setString(5, sync);
            progress.executeUpdate();
            state.setString(1, database);
            state.setString(2, database);
            state.setString(3, sync);
            state.executeUpdate();
        } catch (SQLException e) {
            throw SqlErrors.doing("forget what sync \"" + sync + "\" knew of database \"" + database + "\"", e);
        }
    }
}
