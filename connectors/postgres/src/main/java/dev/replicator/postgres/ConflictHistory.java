package dev.replicator.postgres;

import dev.replicator.model.Lsn;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the conflict history of one database. Thread: that of the connection. Empty where the schema has not been
 * installed yet.
 */
public final class ConflictHistory {
    private static final String COLUMNS =
            "SELECT id, sync, recorded_at, type, schema_name, table_name, policy, reason, "
                    + "loser_database, loser_lsn::text, loser_time, loser_kind, loser_key::text, loser_row::text, "
                    + "winner_database, winner_lsn::text, winner_time, winner_kind, winner_key::text, winner_row::text "
                    + "FROM replicator.conflict_history ";

    private final Connection connection;

    public ConflictHistory(Connection connection) {
        this.connection = connection;
    }

    /** One discarded change and what won over it. Keys and rows are JSON objects of PostgreSQL's text forms. */
    public record Entry(
            String id,
            String sync,
            Instant recordedAt,
            String type,
            TableName table,
            Side loser,
            Side winner,
            String policy,
            String reason) {}

    /** One side of an entry; {@code row} is null where none was kept. */
    public record Side(
            String database,
            Lsn commitLsn,
            @Nullable Instant commitTime,
            String kind,
            String key,
            @Nullable String row) {}

    /**
     * The newest entries first.
     *
     * @param sync only this sync's, or null for all
     * @param table only this table's ({@code schema.name} or the bare name), or null for all
     */
    public List<Entry> list(@Nullable String sync, @Nullable String table, int limit) {
        String sql = COLUMNS + "WHERE (?::text IS NULL OR sync = ?) "
                + "AND (?::text IS NULL OR table_name = ? OR schema_name || '.' || table_name = ?) "
                + "ORDER BY recorded_at DESC, id LIMIT ?";
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return List.of();
            }
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, sync);
                select.setString(2, sync);
                for (int i = 3; i <= 5; i++) {
                    select.setString(i, table);
                }
                select.setInt(6, limit);
                return entries(select.executeQuery());
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the conflict history", e);
        }
    }

    /** The entry with this id. */
    public Optional<Entry> show(String id) {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement select = connection.prepareStatement(COLUMNS + "WHERE id = ?")) {
                select.setString(1, id);
                return entries(select.executeQuery()).stream().findFirst();
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read entry \"" + id + "\" of the conflict history", e);
        }
    }

    private static List<Entry> entries(ResultSet rows) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        while (rows.next()) {
            entries.add(new Entry(
                    rows.getString(1),
                    rows.getString(2),
                    rows.getObject(3, OffsetDateTime.class).toInstant(),
                    rows.getString(4),
                    new TableName(rows.getString(5), rows.getString(6)),
                    side(rows, 9),
                    side(rows, 15),
                    rows.getString(7),
                    rows.getString(8)));
        }
        return entries;
    }

    private static Side side(ResultSet rows, int from) throws SQLException {
        @Nullable OffsetDateTime time = rows.getObject(from + 2, OffsetDateTime.class);
        return new Side(
                rows.getString(from),
                Lsn.parse(rows.getString(from + 1)),
                time == null ? null : time.toInstant(),
                rows.getString(from + 3),
                rows.getString(from + 4),
                rows.getString(from + 5));
    }
}
