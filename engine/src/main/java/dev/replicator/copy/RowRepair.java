package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes single rows of a database as another one has them.
 *
 * <p>On a master as an ordinary change made there, which goes to all others; on a database that only receives directly, in
 * a transaction that no batch can overtake. Only while both rows still are what was compared. Triggers of the user's do
 * not fire where that is granted, so that the row becomes exactly the other one.
 *
 * <p>Thread: that of both connections.
 */
final class RowRepair {
    private static final int ROWS_PER_TRANSACTION = 100;

    private final SyncSpec sync;
    private final Connection reference;
    private final Connection other;
    private final SourceTable table;
    private final SourceTable there;

    RowRepair(SyncSpec sync, Connection reference, Connection other, SourceTable table, SourceTable there) {
        this.sync = sync;
        this.reference = reference;
        this.other = other;
        this.table = table;
        this.there = new SourceTable(
                there.table(), table.columns(), there.keyTypes(), false, there.isPartitioned(), there.identityFull());
    }

    /** How many rows were made equal; the others have changed since they were compared. */
    long mend(List<RowDifference> differences, boolean master) {
        ConflictRule rule = sync.conflicts().rules().of(table.table().name());
        if (master && rule instanceof ConflictRule.Named named && !named.delta().isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.TABLE,
                    "cannot repair table " + table.table().name() + " on a master: it has counters",
                    "What a counter is set to there would be added on the other databases.",
                    "Pause the sync and set the rows of the other databases by hand, or take \"delta\" off the table first.");
        }
        long mended = 0;
        try {
            ignoreTriggers();
            for (int from = 0; from < differences.size(); from += ROWS_PER_TRANSACTION) {
                mended += transaction(
                        differences.subList(from, Math.min(differences.size(), from + ROWS_PER_TRANSACTION)), master);
            }
            return mended;
        } catch (SQLException e) {
            throw SqlErrors.doing("repair table " + table.table().name(), e);
        }
    }

    private void ignoreTriggers() throws SQLException {
        try (Statement statement = other.createStatement()) {
            statement.execute("SET session_replication_role = replica");
        } catch (SQLException e) {
            if (!SqlErrors.state(e).equals("42501")) {
                throw e;
            }
        }
    }

    private long transaction(List<RowDifference> differences, boolean master) throws SQLException {
        long mended = 0;
        other.setAutoCommit(false);
        try {
            if (!master) {
                enter();
            }
            for (RowDifference difference : differences) {
                mended += mend(difference) ? 1 : 0;
            }
            other.commit();
            return mended;
        } catch (SQLException | RuntimeException e) {
            other.rollback();
            throw e;
        } finally {
            other.setAutoCommit(true);
        }
    }

    /** Keeps batches out until the end of the transaction. */
    private void enter() throws SQLException {
        try (PreparedStatement enter = other.prepareStatement(
                "SELECT replicator.enter(p.sync, p.fence) FROM replicator.progress p WHERE p.sync = ?")) {
            enter.setString(1, sync.name());
            enter.execute();
        }
    }

    private boolean mend(RowDifference difference) throws SQLException {
        if (!Objects.equals(hash(other, there, difference, " FOR UPDATE"), difference.other())
                || !Objects.equals(hash(reference, table, difference, ""), difference.reference())) {
            return false;
        }
        List<@Nullable String> row = difference.reference() == null ? List.of() : row(difference);
        try (Statement statement = other.createStatement()) {
            return statement.executeUpdate(sql(difference, row)) == 1;
        }
    }

    private String sql(RowDifference difference, List<@Nullable String> row) {
        String name = there.table().name().quoted();
        return switch (difference.kind()) {
            case EXTRA -> "DELETE FROM " + name + where(there, difference);
            case MISSING ->
                "INSERT INTO " + name + " (" + table.columnList() + ") OVERRIDING SYSTEM VALUE VALUES ("
                        + String.join(", ", literals(row)) + ")";
            case DIFFERS -> "UPDATE " + name + " SET " + assignments(row) + where(there, difference);
        };
    }

    private String assignments(List<@Nullable String> row) {
        List<String> literals = literals(row);
        List<String> set = new ArrayList<>();
        for (int i = 0; i < literals.size(); i++) {
            String column = table.columns().get(i).name();
            if (!table.table().keyColumns().contains(column)) {
                set.add(TableName.quote(column) + " = " + literals.get(i));
            }
        }
        return String.join(", ", set);
    }

    /** A literal with its type's name goes through the type's input function. */
    private List<String> literals(List<@Nullable String> row) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            String value = row.get(i);
            literals.add(
                    value == null
                            ? "NULL"
                            : "'" + value.replace("'", "''") + "'::"
                                    + table.columns().get(i).type());
        }
        return literals;
    }

    private static String where(SourceTable table, RowDifference difference) {
        return " WHERE (" + table.keyList() + ") = (" + table.literals(difference.key()) + ")";
    }

    private static @Nullable Long hash(
            Connection connection, SourceTable table, RowDifference difference, String locking) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + Checksum.rowHash(table) + " FROM "
                        + table.table().name().quoted() + where(table, difference) + locking)) {
            return row.next() ? row.getLong(1) : null;
        }
    }

    private List<@Nullable String> row(RowDifference difference) throws SQLException {
        String columns = table.columns().stream()
                .map(Column::name)
                .map(name -> TableName.quote(name) + "::text")
                .collect(Collectors.joining(", "));
        List<@Nullable String> values = new ArrayList<>();
        try (Statement statement = reference.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + columns + " FROM " + table.table().name().quoted() + where(table, difference))) {
            boolean exists = row.next();
            for (int i = 1; i <= table.columns().size(); i++) {
                values.add(exists ? row.getString(i) : null);
            }
            return values;
        }
    }
}
