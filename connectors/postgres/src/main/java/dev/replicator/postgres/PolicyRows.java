package dev.replicator.postgres;

import dev.replicator.model.StoredPolicies;
import dev.replicator.model.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The policies of a sync that are in force, as rows of {@code replicator.policy}. Thread: that of the connection. */
public final class PolicyRows {
    private static final String READ =
            "SELECT schema_name, table_name, definition, generation FROM replicator.policy WHERE sync = ?";
    private static final String FORGET = "DELETE FROM replicator.policy p WHERE p.sync = ? AND NOT EXISTS ("
            + "SELECT FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[])) u (s, t) WHERE u.s = p.schema_name AND u.t = p.table_name)";
    private static final String STORE = "INSERT INTO replicator.policy AS p"
            + " (sync, schema_name, table_name, definition, generation) SELECT ?, u.s, u.t, u.d, ?"
            + " FROM ROWS FROM (pg_catalog.unnest(?::text[]), pg_catalog.unnest(?::text[]),"
            + " pg_catalog.unnest(?::text[])) u (s, t, d)"
            + " ON CONFLICT (sync, schema_name, table_name) DO UPDATE SET definition = excluded.definition,"
            + " generation = excluded.generation, since = CASE WHEN p.definition = excluded.definition THEN p.since"
            + " ELSE excluded.since END";

    private PolicyRows() {}

    public static StoredPolicies read(Connection connection, String sync) throws SQLException {
        Map<TableName, String> definitions = new HashMap<>();
        long generation = 0;
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            select.setString(1, sync);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                definitions.put(new TableName(rows.getString(1), rows.getString(2)), rows.getString(3));
                generation = Math.max(generation, rows.getLong(4));
            }
        }
        return new StoredPolicies(generation, definitions);
    }

    /** In the transaction that is open. */
    static void store(Connection connection, String sync, StoredPolicies policies) throws SQLException {
        List<String> schemas = new ArrayList<>();
        List<String> tables = new ArrayList<>();
        List<String> definitions = new ArrayList<>();
        policies.definitions().forEach((table, definition) -> {
            schemas.add(table.schema());
            tables.add(table.name());
            definitions.add(definition);
        });
        try (PreparedStatement delete = connection.prepareStatement(FORGET);
                PreparedStatement upsert = connection.prepareStatement(STORE)) {
            delete.setString(1, sync);
            delete.setArray(2, texts(connection, schemas));
            delete.setArray(3, texts(connection, tables));
            delete.executeUpdate();
            upsert.setString(1, sync);
            upsert.setLong(2, policies.generation());
            upsert.setArray(3, texts(connection, schemas));
            upsert.setArray(4, texts(connection, tables));
            upsert.setArray(5, texts(connection, definitions));
            upsert.executeUpdate();
        }
    }

    private static Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }
}
