package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a discarded version back, as an ordinary new change on one database, from where it reaches all others.
 *
 * <p>Guarantees: only if the row still is what the decision left, which is looked at under a lock; once, because the entry
 * of the history is marked in the same transaction. Otherwise nothing is changed, and the failure says why. Where a policy puts
 * a row together from columns or increments of several changes, what an update lost of its row is not known: refused.
 *
 * <p>Thread: that of the connection, which has to be in auto-commit mode and outside of any replication origin.
 */
public final class ConflictUndo {
    private static final String ENTRY = "SELECT schema_name, table_name, loser_kind, winner_kind, undone_at::text,"
            + " winner_key OPERATOR(pg_catalog.<>) loser_key, policy FROM replicator.conflict_history WHERE id = ? FOR UPDATE";
    private static final String TYPES =
            "SELECT attname, pg_catalog.format_type(atttypid, atttypmod), attgenerated <> ''"
                    + " FROM pg_catalog.pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped";

    private final Connection connection;
    private final String database;
    private final String id;

    /** {@code database}: its short name, for messages. */
    public ConflictUndo(Connection connection, String database, String id) {
        this.connection = connection;
        this.database = database;
        this.id = id;
    }

    /** What is known of a column: how to make its value of a text, and whether it is computed. */
    private record Type(String name, boolean generated) {}

    /** Does it. {@code by}: who, for the history. */
    public void run(String by) {
        try {
            connection.setAutoCommit(false);
            try {
                undo(by);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("undo conflict \"" + id + "\" on database \"" + database + "\"", e);
        }
    }

    private void undo(String by) throws SQLException {
        TableName table;
        boolean remove;
        boolean removed;
        try (PreparedStatement select = connection.prepareStatement(ENTRY)) {
            select.setString(1, id);
            ResultSet row = select.executeQuery();
            if (!row.next()) {
                throw refused("The history of this database does not have it (yet).", null);
            }
            if (row.getString(5) != null) {
                throw refused("It was undone at " + row.getString(5) + ".", null);
            }
            table = new TableName(row.getString(1), row.getString(2));
            remove = isRemoval(row.getString(3));
            // What won by another key took the place of the row, which is gone then.
            removed = isRemoval(row.getString(4)) || row.getBoolean(6);
            boolean inserts =
                    row.getString(3).equals("insert") && row.getString(4).equals("insert");
            if (merges(row.getString(7)) && !remove && !removed && !inserts) {
                throw refused(
                        "Policy \"" + row.getString(7)
                                + "\" puts a row together from several changes; to write the whole"
                                + " discarded row back would take with it what was not in conflict.",
                        "\"replicator conflicts show " + id
                                + "\" shows both versions; write the columns you want back by an UPDATE on one master.");
            }
        }
        Map<String, Type> types = types(table);
        Map<String, @Nullable String> key = values("loser_key");
        if (key.isEmpty() || !types.keySet().containsAll(key.keySet())) {
            throw refused("The entry does not tell the key of the row.", null);
        }
        requireUnchanged(table, types, key, removed ? Map.of() : values("winner_row"), removed);
        if (remove) {
            execute("DELETE FROM " + table.quoted() + condition(types, key), key.values());
        } else {
            write(table, types, key, values("loser_row"), removed);
        }
        try (PreparedStatement mark = connection.prepareStatement(
                "UPDATE replicator.conflict_history SET undone_at = pg_catalog.clock_timestamp(), undone_by = ? WHERE id = ?")) {
            mark.setString(1, by);
            mark.setString(2, id);
            mark.executeUpdate();
        }
    }

    /** Whether under this policy, as it is recorded, a row may be made of more than one change. */
    private static boolean merges(String policy) {
        return policy.startsWith("columns") || policy.endsWith(", delta");
    }

    private static boolean isRemoval(String kind) {
        return kind.equals("delete") || kind.equals("truncate");
    }

    private Map<String, Type> types(TableName table) throws SQLException {
        Map<String, Type> types = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(TYPES)) {
            select.setString(1, table.quoted());
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                types.put(rows.getString(1), new Type(rows.getString(2), rows.getBoolean(3)));
            }
        }
        return types;
    }

    private Map<String, @Nullable String> values(String column) throws SQLException {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT k.key, k.value FROM replicator.conflict_history AS h,"
                        + " pg_catalog.jsonb_each_text(h." + column + ") AS k WHERE h.id = ?")) {
            select.setString(1, id);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                values.put(rows.getString(1), rows.getString(2));
            }
        }
        return values;
    }

    /** Compares as the types' text forms, which every type has; equality not every type has. */
    private void requireUnchanged(
            TableName table,
            Map<String, Type> types,
            Map<String, @Nullable String> key,
            Map<String, @Nullable String> winner,
            boolean removed)
            throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT true");
        List<@Nullable String> parameters = new ArrayList<>();
        winner.forEach((column, value) -> {
            Type type = type(types, column);
            sql.append(" AND (")
                    .append(TableName.quote(column))
                    .append(")::text IS NOT DISTINCT FROM (")
                    .append(cast(type))
                    .append(")::text");
            parameters.add(value);
        });
        sql.append(" FROM ")
                .append(table.quoted())
                .append(condition(types, key))
                .append(" FOR UPDATE");
        parameters.addAll(key.values());
        try (PreparedStatement select = prepare(sql.toString(), parameters)) {
            ResultSet row = select.executeQuery();
            boolean exists = row.next();
            if (removed ? exists : !exists || !row.getBoolean(1)) {
                throw refused(
                        "The row is not what the decision left" + (exists ? "" : ": it is not there") + ".",
                        "Somebody has changed it since, or another change is in it as well, or the decision has not arrived"
                                + " here yet. \"replicator conflicts show "
                                + id + "\" shows both versions.");
            }
        }
    }

    private void write(
            TableName table,
            Map<String, Type> types,
            Map<String, @Nullable String> key,
            Map<String, @Nullable String> row,
            boolean insert)
            throws SQLException {
        Map<String, @Nullable String> written = new LinkedHashMap<>(row);
        written.keySet().removeIf(column -> type(types, column).generated() || (!insert && key.containsKey(column)));
        List<String> columns = written.keySet().stream().map(TableName::quote).toList();
        List<String> casts = written.keySet().stream()
                .map(column -> cast(type(types, column)))
                .toList();
        List<@Nullable String> parameters = new ArrayList<>(written.values());
        if (insert) {
            types.forEach((column, type) -> {
                if (!type.generated() && !row.containsKey(column)) {
                    throw refused("The discarded change did not carry column \"" + column + "\".", null);
                }
            });
            execute(
                    "INSERT INTO " + table.quoted() + " (" + String.join(", ", columns)
                            + ") OVERRIDING SYSTEM VALUE VALUES (" + String.join(", ", casts) + ")",
                    parameters);
            return;
        }
        if (columns.isEmpty()) {
            throw refused("The discarded change carried no column but the key.", null);
        }
        StringBuilder sql = new StringBuilder("UPDATE ").append(table.quoted()).append(" SET ");
        for (int i = 0; i < columns.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(columns.get(i)).append(" = ").append(casts.get(i));
        }
        parameters.addAll(key.values());
        execute(sql.append(condition(types, key)).toString(), parameters);
    }

    private Type type(Map<String, Type> types, String column) {
        Type type = types.get(column);
        if (type == null) {
            throw refused("Column \"" + column + "\" is no longer there.", null);
        }
        return type;
    }

    private static String cast(Type type) {
        return "CAST(?::text AS " + type.name() + ")";
    }

    private String condition(Map<String, Type> types, Map<String, @Nullable String> key) {
        return " WHERE "
                + String.join(
                        " AND ",
                        key.keySet().stream()
                                .map(column -> TableName.quote(column) + " = " + cast(type(types, column)))
                                .toList());
    }

    private PreparedStatement prepare(String sql, Iterable<@Nullable String> parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        int number = 1;
        for (@Nullable String parameter : parameters) {
            statement.setString(number++, parameter);
        }
        return statement;
    }

    private void execute(String sql, Iterable<@Nullable String> parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            statement.executeUpdate();
        }
    }

    private ReplicatorException refused(String detail, @Nullable String hint) {
        return ReplicatorException.fatal(
                ErrorCode.CONFLICT,
                "cannot undo conflict \"" + id + "\" on database \"" + database + "\"",
                detail,
                hint);
    }
}
