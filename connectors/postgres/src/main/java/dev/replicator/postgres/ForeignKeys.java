package dev.replicator.postgres;

import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Does for a deletion what foreign keys demand, in a session in which they are not in force: children are deleted or
 * their columns set to NULL, as their constraints declare; where they declare neither, the deletion has to be refused.
 *
 * <p>Thread: that of the connection. Source: PostgreSQL documentation, pg_constraint.
 */
final class ForeignKeys {
    private static final int MAX_DEPTH = 12;
    private static final String REFERRING = "SELECT n.nspname, c.relname, f.confdeltype::text, "
            + "ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k (attnum, o) "
            + "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.o), "
            + "ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k (attnum, o) "
            + "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.o) "
            + "FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class c ON c.oid = f.conrelid "
            + "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            + "WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confrelid = pg_catalog.to_regclass(?)";

    private final Connection connection;
    private final Pipe pipe;

    ForeignKeys(Connection connection) throws SQLException {
        this.connection = connection;
        this.pipe = new Pipe(connection);
    }

    private record Referring(TableName table, String onDelete, List<String> columns, List<String> parentColumns) {}

    /**
     * Prepares the deletion of the rows of {@code table}, called {@code t}, for which {@code condition} holds. False: a
     * constraint forbids it; then the transaction has to be rolled back.
     */
    boolean beforeDelete(String table, String condition, List<Parameter> parameters) throws SQLException {
        return beforeDelete(table, condition, parameters, 0);
    }

    private boolean beforeDelete(String table, String condition, List<Parameter> parameters, int depth)
            throws SQLException {
        for (Referring child : referring(table)) {
            String alias = "p" + depth;
            List<String> equal = new ArrayList<>();
            List<String> nulls = new ArrayList<>();
            for (int i = 0; i < child.columns().size(); i++) {
                String column = TableName.quote(child.columns().get(i));
                equal.add(alias + "." + TableName.quote(child.parentColumns().get(i)) + " = t." + column);
                nulls.add(column + " = NULL");
            }
            String name = child.table().quoted();
            // The parent's own condition speaks of it as t, so it stands in a query of its own.
            String where = "EXISTS (SELECT FROM (SELECT t.* FROM " + table + " AS t WHERE " + condition + ") AS "
                    + alias + " WHERE " + String.join(" AND ", equal) + ")";
            boolean allowed = switch (child.onDelete()) {
                case "c" ->
                    depth < MAX_DEPTH
                            && beforeDelete(name, where, parameters, depth + 1)
                            && run("DELETE FROM " + name + " AS t WHERE " + where, parameters) >= 0;
                case "n" ->
                    run("UPDATE " + name + " AS t SET " + String.join(", ", nulls) + " WHERE " + where, parameters)
                            >= 0;
                default -> run("SELECT FROM " + name + " AS t WHERE " + where + " LIMIT 1", parameters) == 0;
            };
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    private List<Referring> referring(String table) throws SQLException {
        List<Referring> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(REFERRING)) {
            select.setString(1, table);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                found.add(new Referring(
                        new TableName(rows.getString(1), rows.getString(2)),
                        rows.getString(3),
                        List.of((String[]) rows.getArray(4).getArray()),
                        List.of((String[]) rows.getArray(5).getArray())));
            }
        }
        return found;
    }

    private long run(String sql, List<Parameter> parameters) throws SQLException {
        Script script = new Script();
        script.add(sql, parameters);
        return pipe.run(script).get(0).count();
    }
}
