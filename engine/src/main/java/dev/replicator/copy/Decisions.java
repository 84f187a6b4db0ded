package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.InitialCopy;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableJoin.State;
import dev.replicator.spi.TableLoad;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides how tables that join at one node do so: whether their rows are copied, and whose rows count.
 *
 * <p>Those of the source that is named count; else of the first source where the table is in the sync already; else of
 * the first that has rows. A master that has other rows than that one is refused: nobody but a person knows which are
 * right. Thread: the node's.
 */
final class Decisions implements AutoCloseable {
    /** So many rows that differ are looked at one by one. */
    private static final int MOST_EXPLAINED = 2_000;

    private static final CopyRange ALL = new CopyRange(0, null, null);

    private static final String JOINS =
            "SELECT schema_name, table_name, state FROM replicator.table_join WHERE sync = ?";

    private final SyncSpec sync;
    private final int node;
    private final TableLoad load;
    private final Map<Integer, Connection> sessions = new HashMap<>();
    private final Map<Integer, Catalog> catalogs = new HashMap<>();
    private final Map<Integer, Map<TableName, String>> joins = new HashMap<>();

    Decisions(SyncSpec sync, int node, TableLoad load) {
        this.sync = sync;
        this.node = node;
        this.load = load;
    }

    /** Decides and records it. */
    TableJoin decide(Table table) {
        InitialCopy setting = sync.initialCopy().of(table.name());
        int owner = setting.when() == InitialCopy.When.NEVER ? -1 : owner(table, setting);
        boolean emptied = false;
        TableJoin join = TableJoin.kept(table.name());
        if (owner >= 0 && owner != node) {
            boolean empty = load.isEmpty(table);
            emptied = !empty && setting.when() == InitialCopy.When.ALWAYS;
            if (empty || emptied) {
                join = new TableJoin(
                        table.name(), State.COPYING, sync.node(owner).name(), List.of());
            } else if (node < sync.sourceCount()) {
                refuseDifferent(table, owner);
            }
        }
        load.record(join, emptied);
        return join;
    }

    /** Whose rows count; -1: nobody has any. */
    private int owner(Table table, InitialCopy setting) {
        for (int source = 0; source < sync.sourceCount(); source++) {
            if (sync.node(source).name().equals(setting.from())) {
                return source;
            }
        }
        if (sync.sourceCount() == 1) {
            return 0;
        }
        for (int source = 0; source < sync.sourceCount(); source++) {
            String state = source == node ? null : joins(source).get(table.name());
            if (state != null && !state.equals(word(State.COPYING)) && hasRows(table, source)) {
                return source;
            }
        }
        for (int source = 0; source < sync.sourceCount(); source++) {
            boolean copying =
                    source != node && word(State.COPYING).equals(joins(source).get(table.name()));
            if (!copying && hasRows(table, source)) {
                return source;
            }
        }
        return -1;
    }

    private static String word(State state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }

    private Map<TableName, String> joins(int source) {
        return joins.computeIfAbsent(source, index -> {
            Map<TableName, String> states = new HashMap<>();
            Connection connection = session(index);
            try (PreparedStatement select = connection.prepareStatement(JOINS)) {
                select.setString(1, sync.name());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        states.put(new TableName(rows.getString(1), rows.getString(2)), rows.getString(3));
                    }
                }
                return states;
            } catch (SQLException e) {
                throw failed(index, e);
            }
        });
    }

    private boolean hasRows(Table table, int source) {
        SourceTable found = find(table, source);
        if (found == null) {
            return false;
        }
        try (Statement statement = session(source).createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT" + found.from(ALL) + ")")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw failed(source, e);
        }
    }

    private @Nullable SourceTable find(Table table, int source) {
        Catalog catalog = catalogs.computeIfAbsent(
                source,
                index -> CatalogReader.read(session(index), sync.node(index).name()));
        return SourceTable.of(table, catalog);
    }

    /** What was written since the slots were made is in the logs, and no obstacle. */
    private void refuseDifferent(Table table, int owner) {
        SourceTable theirs = find(table, owner);
        SourceTable own = find(table, node);
        if (theirs == null || own == null) {
            return;
        }
        TableComparison comparison = new TableComparison(session(owner), session(node), theirs, own);
        List<RowDifference> differences = comparison.differences();
        String name = sync.node(node).name();
        String ownerName = sync.node(owner).name();
        long unexplained = differences.size() > MOST_EXPLAINED
                ? differences.size()
                : differences.stream()
                        .filter(row -> !comparison.isInLog(row, true, ServerNames.slot(sync.name(), ownerName))
                                && !comparison.isInLog(row, false, ServerNames.slot(sync.name(), name)))
                        .count();
        if (unexplained == 0) {
            return;
        }
        throw ReplicatorException.fatal(
                ErrorCode.DATA_DIFFERS,
                "cannot let table " + table.name() + " of database \"" + name
                        + "\" join the sync: it differs from that of \"" + ownerName + "\"",
                unexplained + (unexplained == 1 ? " row differs" : " rows differ") + " or exist on one of them only.",
                "\"replicator compare\" shows them. Make them equal. Or say whose rows count, and the others' are replaced:"
                        + " initial_copy: { when: always, from: " + ownerName
                        + " }. Or, if what differs does not matter: initial_copy: never.");
    }

    private Connection session(int index) {
        return sessions.computeIfAbsent(
                index, source -> Sessions.open(sync.node(source), "replicator " + sync.name() + " compares"));
    }

    private ReplicatorException failed(int source, SQLException e) {
        DatabaseSpec database = sync.node(source);
        return SqlErrors.doing("ask database \"" + database.name() + "\" which tables have rows", e);
    }

    @Override
    public void close() {
        sessions.values().forEach(Sessions::closeQuietly);
    }
}
