package dev.replicator.copy;

import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a table into ranges of about the same size, by a sample of its keys. Every key, also one that is inserted later,
 * is in exactly one of them. Thread: that of the connection.
 */
final class Ranges {
    private static final long LEAST_BYTES = 1L << 20;
    private static final long MOST_BYTES = 32L << 20;
    /** A table is cut into about so many, within the limits above. */
    private static final int WANTED = 32;

    private static final int MOST_RANGES = 4096;
    private static final int SAMPLES_PER_RANGE = 60;

    private static final String SIZE = """
            SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::int8,
              coalesce(sum(CASE WHEN c.reltuples >= 0 AND c.relpages > 0
                THEN c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int8)
                ELSE pg_relation_size(c.oid) / 100 END), 0)::int8,
              coalesce(sum(CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_relation_size(c.reltoastrelid) END), 0)::int8
            FROM pg_class c WHERE c.relkind = 'r' AND (c.oid = ?::regclass
              OR c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass)))
            """;

    private Ranges() {}

    /**
     * How large a table is.
     *
     * @param bytes without large values that are stored apart
     * @param rows as the server estimates
     * @param apartBytes large values that are stored apart
     */
    record Size(long bytes, long rows, long apartBytes) {}

    static Size size(Connection connection, SourceTable table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SIZE)) {
            select.setString(1, table.table().name().quoted());
            select.setString(2, table.table().name().quoted());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new Size(row.getLong(1), row.getLong(2), row.getLong(3));
            }
        }
    }

    /** At least one range. */
    static List<CopyRange> of(Connection connection, SourceTable table, Size size) throws SQLException {
        long each = Math.max(LEAST_BYTES, Math.min(MOST_BYTES, size.bytes() / WANTED));
        int count = (int) Math.min(MOST_RANGES, size.bytes() / each);
        List<List<String>> bounds =
                count < 2 || !table.isOrdered() ? List.of() : bounds(connection, table, size, count);
        List<CopyRange> ranges = new ArrayList<>();
        @Nullable List<String> lower = null;
        for (List<String> bound : bounds) {
            ranges.add(new CopyRange(ranges.size(), lower, bound));
            lower = bound;
        }
        ranges.add(new CopyRange(ranges.size(), lower, null));
        return ranges;
    }

    private static List<List<String>> bounds(Connection connection, SourceTable table, Size size, int count)
            throws SQLException {
        double percent = Math.min(100, 100.0 * count * SAMPLES_PER_RANGE / Math.max(1, size.rows()));
        String keys = table.keyList();
        // Not by the texts, which have the same names.
        String order = table.table().keyColumns().stream()
                .map(column -> "s." + TableName.quote(column))
                .collect(Collectors.joining(", "));
        StringBuilder texts = new StringBuilder();
        for (int i = 0; i < table.keyTypes().size(); i++) {
            texts.append(i == 0 ? "" : ", ")
                    .append(TableName.quote(table.table().keyColumns().get(i)))
                    .append("::text");
        }
        String sql = "SELECT " + texts + " FROM (SELECT DISTINCT " + keys + " FROM "
                + (table.isPartitioned() ? "" : "ONLY ") + table.table().name().quoted() + " TABLESAMPLE SYSTEM ("
                + percent + ")) s ORDER BY " + order;
        List<List<String>> sample = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                List<String> key = new ArrayList<>();
                for (int i = 1; i <= table.keyTypes().size(); i++) {
                    key.add(row.getString(i));
                }
                sample.add(key);
            }
        }
        List<List<String>> bounds = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            int at = (int) ((long) i * sample.size() / count);
            if (at > 0
                    && at < sample.size()
                    && (bounds.isEmpty() || !bounds.get(bounds.size() - 1).equals(sample.get(at)))) {
                bounds.add(sample.get(at));
            }
        }
        return bounds;
    }
}
