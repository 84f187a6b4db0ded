package dev.replicator.copy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.CopyRange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares a table of two PostgreSQL databases by checksums that they compute: range by range, what differs in smaller
 * ranges, and what differs there row by row. What is written meanwhile shows as a difference; ask {@link #again}.
 *
 * <p>Limits: values are compared in text form. At most {@value #MOST} differences are collected. Thread: that of both
 * connections.
 */
public final class TableComparison {
    /** So many rows are compared one by one. */
    private static final int FINE_ROWS = 2_000;

    public static final int MOST = 100_000;
    private static final int KEYS_PER_QUERY = 200;

    private final Connection reference;
    private final Connection other;
    private final SourceTable table;
    private final SourceTable there;
    private final Map<List<String>, Hashes> found = new LinkedHashMap<>();
    private long rows;

    private record Hashes(
            @Nullable Long reference, @Nullable Long other) {
        Hashes with(Hashes more) {
            return new Hashes(reference == null ? more.reference : reference, other == null ? more.other : other);
        }

        boolean isEqual() {
            return Objects.equals(reference, other);
        }
    }

    /** {@code table} as the reference has it, {@code there} as the other; the columns of the reference decide. */
    TableComparison(Connection reference, Connection other, SourceTable table, SourceTable there) {
        this.reference = reference;
        this.other = other;
        this.table = table;
        this.there = new SourceTable(
                table.table(), table.columns(), there.keyTypes(), false, there.isPartitioned(), there.identityFull());
    }

    /** How many rows the reference has. After {@link #differences}. */
    public long rows() {
        return rows;
    }

    /** Rows that are not the same now. */
    public List<RowDifference> differences() {
        try {
            List<CopyRange> ranges = Ranges.of(reference, table, Ranges.size(reference, table));
            for (CopyRange range : ranges) {
                if (found.size() < MOST) {
                    compare(range);
                }
            }
            return collected();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Those of these rows that are not the same now. */
    public List<RowDifference> again(List<RowDifference> before) {
        found.clear();
        try {
            for (int from = 0; from < before.size(); from += KEYS_PER_QUERY) {
                List<List<String>> keys = before.subList(from, Math.min(before.size(), from + KEYS_PER_QUERY)).stream()
                        .map(RowDifference::key)
                        .toList();
                collect(hashes(reference, table, keyed(table, keys)), hashes(other, there, keyed(there, keys)));
            }
            return collected();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private ReplicatorException failed(SQLException e) {
        return SqlErrors.doing("compare table " + table.table().name(), e);
    }

    private void compare(CopyRange range) throws SQLException {
        Checksum[] sums = sums(range);
        rows += sums[0].rows();
        if (sums[0].equals(sums[1])) {
            return;
        }
        for (CopyRange part : finer(range)) {
            Checksum[] fine = sums(part);
            if (!fine[0].equals(fine[1])) {
                collect(hashes(reference, table, table.from(part)), hashes(other, there, there.from(part)));
            }
        }
    }

    private Checksum[] sums(CopyRange range) {
        CompletableFuture<Checksum> its = CompletableFuture.supplyAsync(() -> Checksum.of(other, there, range));
        Checksum ours = Checksum.of(reference, table, range);
        try {
            return new Checksum[] {ours, its.join()};
        } catch (CompletionException e) {
            throw e.getCause() instanceof ReplicatorException known ? known : e;
        }
    }

    private List<CopyRange> finer(CopyRange range) throws SQLException {
        if (!table.isOrdered()) {
            return List.of(range);
        }
        String sql = "SELECT " + keyTexts(table) + " FROM (SELECT " + table.keyList() + ", row_number() OVER (ORDER BY "
                + table.keyList() + ") AS replicator_number" + table.from(range) + ") t WHERE replicator_number % "
                + FINE_ROWS
                + " = 0 ORDER BY replicator_number";
        List<CopyRange> parts = new ArrayList<>();
        List<String> lower = range.lower();
        try (Statement statement = reference.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                List<String> upper = key(row, table);
                parts.add(new CopyRange(parts.size(), lower, upper));
                lower = upper;
            }
        }
        parts.add(new CopyRange(parts.size(), lower, range.upper()));
        return parts;
    }

    private static String keyTexts(SourceTable table) {
        return table.table().keyColumns().stream()
                .map(column -> TableName.quote(column) + "::text")
                .collect(Collectors.joining(", "));
    }

    private static List<String> key(ResultSet row, SourceTable table) throws SQLException {
        List<String> key = new ArrayList<>();
        for (int i = 1; i <= table.keyTypes().size(); i++) {
            key.add(row.getString(i));
        }
        return key;
    }

    private static String keyed(SourceTable table, List<List<String>> keys) {
        return " FROM " + (table.isPartitioned() ? "" : "ONLY ")
                + table.table().name().quoted() + " WHERE ("
                + table.keyList() + ") IN ("
                + keys.stream().map(key -> "(" + table.literals(key) + ")").collect(Collectors.joining(", ")) + ")";
    }

    private static Map<List<String>, Long> hashes(Connection connection, SourceTable table, String from)
            throws SQLException {
        Map<List<String>, Long> hashes = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT " + keyTexts(table) + ", " + Checksum.rowHash(table) + from)) {
            while (row.next()) {
                hashes.put(key(row, table), row.getLong(table.keyTypes().size() + 1));
            }
        }
        return hashes;
    }

    /** A key may be in different ranges on servers that order text otherwise: then its two halves come one by one. */
    private void collect(Map<List<String>, Long> ours, Map<List<String>, Long> its) {
        ours.forEach((key, hash) -> {
            Hashes hashes = new Hashes(hash, its.get(key));
            if (!hashes.isEqual()) {
                found.merge(key, hashes, Hashes::with);
            }
        });
        its.forEach((key, hash) -> {
            if (!ours.containsKey(key)) {
                found.merge(key, new Hashes(null, hash), Hashes::with);
            }
        });
    }

    private List<RowDifference> collected() {
        return found.entrySet().stream()
                .filter(entry -> !entry.getValue().isEqual())
                .map(entry -> new RowDifference(
                        entry.getKey(),
                        entry.getValue().reference(),
                        entry.getValue().other()))
                .toList();
    }

    /**
     * Whether a row was written at {@code database} since its slot was made, so that its log has it.
     *
     * @param ofReference at the reference, else at the other
     */
    boolean isInLog(RowDifference difference, boolean ofReference, String slot) {
        Connection connection = ofReference ? reference : other;
        SourceTable at = ofReference ? table : there;
        String sql = "SELECT bool_or(age(t.xmin) <= (SELECT age(s.catalog_xmin) FROM pg_replication_slots s"
                + " WHERE s.slot_name = '" + slot + "')) FROM (SELECT xmin" + keyed(at, List.of(difference.key()))
                + ") t";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
