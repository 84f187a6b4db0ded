package dev.replicator.postgres;

import dev.replicator.model.Lsn;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The conflict history of one database: reads it, and lets go of what is old. Thread: that of the connection, which has to
 * be in auto-commit mode. Empty where the schema has not been installed yet.
 */
public final class ConflictHistory {
    private static final int FETCH_ROWS = 1_000;
    private static final int PRUNED_ROWS = 10_000;
    private static final String COLUMNS =
            "SELECT id, sync, recorded_at, type, schema_name, table_name, policy, reason, undone_at, "
                    + "loser_database, loser_lsn::text, loser_time, loser_kind, loser_key::text, loser_row::text, "
                    + "winner_database, winner_lsn::text, winner_time, winner_kind, winner_key::text, winner_row::text "
                    + "FROM replicator.conflict_history ";

    private final Connection connection;

    public ConflictHistory(Connection connection) {
        this.connection = connection;
    }

    /**
     * One discarded change and what won over it. Keys and rows are JSON objects of PostgreSQL's text forms.
     *
     * @param undoneAt when the discarded version was written back here, or null
     */
    public record Entry(
            String id,
            String sync,
            Instant recordedAt,
            String type,
            TableName table,
            Side loser,
            Side winner,
            String policy,
            String reason,
            @Nullable Instant undoneAt) {}

    /** One side of an entry; {@code row} is null where none was kept. */
    public record Side(
            String database,
            Lsn commitLsn,
            @Nullable Instant commitTime,
            String kind,
            String key,
            @Nullable String row) {}

    /**
     * Which entries.
     *
     * @param sync only this sync's, or null for all
     * @param table only this table's ({@code schema.name} or the bare name), or null for all
     * @param key only rows whose key has these values, by column; under the empty name: in whatever column
     * @param database only those in which a change of this database lost or won, or null for all
     * @param since recorded then or later, or null
     * @param until recorded before, or null
     */
    public record Filter(
            @Nullable String sync,
            @Nullable String table,
            Map<String, String> key,
            @Nullable String database,
            @Nullable Instant since,
            @Nullable Instant until) {
        public static final Filter ALL = new Filter(null, null, Map.of(), null, null, null);

        public Filter {
            key = new LinkedHashMap<>(key);
        }

        public static Filter of(@Nullable String sync, @Nullable String table) {
            return new Filter(sync, table, Map.of(), null, null, null);
        }
    }

    /** The newest entries first, at most {@code limit}. */
    public List<Entry> list(Filter filter, int limit) {
        List<Entry> entries = new ArrayList<>();
        read(filter, "ORDER BY recorded_at DESC, id LIMIT " + limit, entries::add);
        return entries;
    }

    /** All entries, the oldest first; not held in memory. */
    public void all(Filter filter, Consumer<Entry> consumer) {
        read(filter, "ORDER BY recorded_at, id", consumer);
    }

    private void read(Filter filter, String order, Consumer<Entry> consumer) {
        List<Object> parameters = new ArrayList<>();
        String sql = COLUMNS + where(filter, parameters) + order;
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return;
            }
            connection.setAutoCommit(false);
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setFetchSize(FETCH_ROWS);
                for (int i = 0; i < parameters.size(); i++) {
                    select.setObject(i + 1, parameters.get(i));
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        consumer.accept(entry(rows));
                    }
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the conflict history", e);
        }
    }

    private static String where(Filter filter, List<Object> parameters) {
        List<String> conditions = new ArrayList<>();
        condition(conditions, parameters, "sync = ?", filter.sync());
        condition(
                conditions,
                parameters,
                "(table_name = ? OR schema_name || '.' || table_name = ?)",
                filter.table(),
                filter.table());
        filter.key().forEach((column, value) -> {
            if (column.isEmpty()) {
                String any = "EXISTS (SELECT FROM pg_catalog.jsonb_each_text(loser_key) AS k WHERE k.value = ?)";
                condition(conditions, parameters, any, value);
            } else {
                condition(conditions, parameters, "loser_key ->> ? = ?", column, value);
            }
        });
        condition(
                conditions,
                parameters,
                "(loser_database = ? OR winner_database = ?)",
                filter.database(),
                filter.database());
        condition(conditions, parameters, "recorded_at >= ?", time(filter.since()));
        condition(conditions, parameters, "recorded_at < ?", time(filter.until()));
        return conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions) + " ";
    }

    private static void condition(
            List<String> conditions, List<Object> parameters, String condition, @Nullable Object... values) {
        if (values[values.length - 1] != null) {
            conditions.add(condition);
            for (@Nullable Object value : values) {
                parameters.add(java.util.Objects.requireNonNull(value));
            }
        }
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    /** The entry with this id. */
    public Optional<Entry> show(String id) {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return Optional.empty();
            }
            try (PreparedStatement select = connection.prepareStatement(COLUMNS + "WHERE id = ?")) {
                select.setString(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? Optional.of(entry(rows)) : Optional.empty();
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read entry \"" + id + "\" of the conflict history", e);
        }
    }

    /** Deletes a sync's entries that are older than {@code keep}; returns how many there were. */
    public long prune(String sync, Duration keep) {
        String sql = "DELETE FROM replicator.conflict_history WHERE id IN (SELECT id FROM replicator.conflict_history"
                + " WHERE sync = ? AND recorded_at < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => ?)"
                + " LIMIT " + PRUNED_ROWS + ")";
        long pruned = 0;
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return 0;
            }
            try (PreparedStatement delete = connection.prepareStatement(sql)) {
                delete.setString(1, sync);
                delete.setDouble(2, keep.toMillis() / 1000.0);
                int rows = PRUNED_ROWS;
                while (rows == PRUNED_ROWS) {
                    rows = delete.executeUpdate();
                    pruned += rows;
                }
                return pruned;
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("prune the conflict history", e);
        }
    }

    private static Entry entry(ResultSet rows) throws SQLException {
        @Nullable OffsetDateTime undone = rows.getObject(9, OffsetDateTime.class);
        return new Entry(
                rows.getString(1),
                rows.getString(2),
                rows.getObject(3, OffsetDateTime.class).toInstant(),
                rows.getString(4),
                new TableName(rows.getString(5), rows.getString(6)),
                side(rows, 10),
                side(rows, 16),
                rows.getString(7),
                rows.getString(8),
                undone == null ? null : undone.toInstant());
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
