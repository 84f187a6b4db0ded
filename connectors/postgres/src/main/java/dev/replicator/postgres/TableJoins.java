package dev.replicator.postgres;

import dev.replicator.model.Lsn;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.TableJoin;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code replicator.table_join} and {@code replicator.copy_range} of one sync. Thread: that of the connection. */
final class TableJoins {
    private static final String EARLIER = """
            WITH earlier AS (
              UPDATE replicator.progress SET joined_before = false WHERE sync = ? AND joined_before RETURNING sync)
            INSERT INTO replicator.table_join (sync, schema_name, table_name, state)
            SELECT e.sync, t.schema_name, t.table_name, 'kept'
            FROM earlier e CROSS JOIN unnest(?::text[], ?::text[]) AS t (schema_name, table_name)
            ON CONFLICT DO NOTHING
            """;
    private static final String UPSERT = """
            INSERT INTO replicator.table_join AS j (sync, schema_name, table_name, state, source)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (sync, schema_name, table_name) DO UPDATE SET
              state = excluded.state, source = excluded.source, held = '{}', decided_at = clock_timestamp()
            """;
    private static final String INSERT_RANGE =
            "INSERT INTO replicator.copy_range (sync, schema_name, table_name, number,"
                    + " lower_key, upper_key) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String DELETE_RANGES =
            "DELETE FROM replicator.copy_range WHERE sync = ? AND schema_name = ? AND table_name = ?";
    private static final String FINISH = "UPDATE replicator.table_join SET state = 'copied', held = ?::jsonb"
            + " WHERE sync = ? AND schema_name = ? AND table_name = ?";
    static final String RANGE_DONE = "UPDATE replicator.copy_range SET rows = ?, held = ?::jsonb"
            + " WHERE sync = ? AND schema_name = ? AND table_name = ? AND number = ?";

    private final Connection connection;
    private final String sync;
    private final List<String> sources;

    TableJoins(Connection connection, String sync, List<String> sources) {
        this.connection = connection;
        this.sync = sync;
        this.sources = sources;
    }

    /** Tables of a sync that ran before this was recorded have joined; once. */
    void recordEarlier(List<Table> tables) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(EARLIER)) {
            insert.setString(1, sync);
            insert.setArray(2, texts(tables.stream().map(t -> t.name().schema()).toList()));
            insert.setArray(3, texts(tables.stream().map(t -> t.name().name()).toList()));
            insert.executeUpdate();
        }
    }

    List<TableJoin> read() throws SQLException {
        Map<TableName, List<CopyRange>> ranges = ranges();
        List<TableJoin> joins = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT schema_name, table_name, state, source FROM replicator.table_join WHERE sync = ?")) {
            select.setString(1, sync);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    TableName table = new TableName(row.getString(1), row.getString(2));
                    joins.add(new TableJoin(
                            table,
                            TableJoin.State.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
                            row.getString(4),
                            ranges.getOrDefault(table, List.of())));
                }
            }
        }
        return joins;
    }

    private Map<TableName, List<CopyRange>> ranges() throws SQLException {
        Map<TableName, List<CopyRange>> ranges = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT schema_name, table_name, number, lower_key, upper_key, rows, held IS NOT NULL,
                  ARRAY(SELECT held ->> s FROM unnest(?::text[]) WITH ORDINALITY AS u (s, n) ORDER BY n)
                FROM replicator.copy_range WHERE sync = ? ORDER BY 1, 2, 3
                """)) {
            select.setArray(1, texts(sources));
            select.setString(2, sync);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ranges.computeIfAbsent(
                                    new TableName(row.getString(1), row.getString(2)), table -> new ArrayList<>())
                            .add(new CopyRange(
                                    row.getInt(3),
                                    list(row.getArray(4)),
                                    list(row.getArray(5)),
                                    row.getLong(6),
                                    row.getBoolean(7) ? positions(row.getArray(8)) : null));
                }
            }
        }
        return ranges;
    }

    /** Tables that were copied, and what they hold at least. */
    Map<TableName, Positions> copied() throws SQLException {
        Map<TableName, Positions> copied = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT schema_name, table_name,
                  ARRAY(SELECT held ->> s FROM unnest(?::text[]) WITH ORDINALITY AS u (s, n) ORDER BY n)
                FROM replicator.table_join WHERE sync = ? AND state = 'copied'
                """)) {
            select.setArray(1, texts(sources));
            select.setString(2, sync);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    copied.put(new TableName(row.getString(1), row.getString(2)), positions(row.getArray(3)));
                }
            }
        }
        return copied;
    }

    void write(TableJoin join) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            name(upsert, 1, join.table());
            upsert.setString(4, join.state().name().toLowerCase(Locale.ROOT));
            upsert.setString(5, join.source());
            upsert.executeUpdate();
        }
        deleteRanges(join.table());
        try (PreparedStatement insert = connection.prepareStatement(INSERT_RANGE)) {
            for (CopyRange range : join.ranges()) {
                name(insert, 1, join.table());
                insert.setInt(4, range.number());
                insert.setArray(5, range.lower() == null ? null : texts(range.lower()));
                insert.setArray(6, range.upper() == null ? null : texts(range.upper()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    void finished(Map<TableName, Positions> copied) throws SQLException {
        for (Map.Entry<TableName, Positions> entry : copied.entrySet()) {
            try (PreparedStatement update = connection.prepareStatement(FINISH)) {
                update.setString(1, Vectors.json(sources, entry.getValue()));
                name(update, 2, entry.getKey());
                update.executeUpdate();
            }
            deleteRanges(entry.getKey());
        }
    }

    private void deleteRanges(TableName table) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(DELETE_RANGES)) {
            name(delete, 1, table);
            delete.executeUpdate();
        }
    }

    private void name(PreparedStatement statement, int at, TableName table) throws SQLException {
        statement.setString(at, sync);
        statement.setString(at + 1, table.schema());
        statement.setString(at + 2, table.name());
    }

    private Array texts(List<String> texts) throws SQLException {
        return connection.createArrayOf("text", texts.toArray());
    }

    private static @Nullable List<String> list(@Nullable Array array) throws SQLException {
        return array == null ? null : List.of((String[]) array.getArray());
    }

    private static Positions positions(Array texts) throws SQLException {
        @Nullable String[] all = (String[]) texts.getArray();
        long[] ends = new long[all.length];
        for (int i = 0; i < ends.length; i++) {
            String text = all[i];
            ends[i] = text == null ? 0 : Lsn.parse(text).value();
        }
        return Positions.of(ends);
    }
}
