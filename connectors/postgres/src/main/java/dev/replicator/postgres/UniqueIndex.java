package dev.replicator.postgres;

import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unique index of a table, which may be over expressions and partial, and which row in it is in the way of another.
 *
 * <p>Thread: that of the connection. Source: PostgreSQL documentation, pg_index and pg_get_indexdef.
 */
final class UniqueIndex {
    private static final String PARTS = "SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true), "
            + "pg_catalog.pg_get_expr(i.indpred, i.indrelid) "
            + "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
            + "CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts) k "
            + "WHERE i.indrelid = pg_catalog.to_regclass(?) AND x.relname = ? AND i.indisunique ORDER BY k";

    private final Connection connection;
    private final TargetTable table;
    private final String name;

    /** {@code name}: of the index, which is that of its constraint. */
    UniqueIndex(Connection connection, TargetTable table, String name) {
        this.connection = connection;
        this.table = table;
        this.name = name;
    }

    /**
     * The row that has the values which the change put aside under {@code parked} would have.
     *
     * @param relation what the answer looks like
     * @param byKey finds the row of {@code row}'s key
     */
    @Nullable
    Row rowInTheWay(Relation relation, Shape byKey, Row row, long parked) throws SQLException {
        List<String> parts = new ArrayList<>();
        @Nullable String predicate = null;
        try (PreparedStatement select = connection.prepareStatement(PARTS)) {
            select.setString(1, table.quoted());
            select.setString(2, name);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                parts.add(rows.getString(1));
                predicate = rows.getString(2);
            }
        }
        if (parts.isEmpty()) {
            return null;
        }
        Script script = new Script();
        List<Parameter> parameters = new ArrayList<>(byKey.singleParameters(row));
        parameters.add(Parameter.int8(parked));
        script.add(sql(relation, byKey, parts, predicate), parameters);
        return StandingRow.of(relation, new Pipe(connection).run(script).get(0));
    }

    private String sql(Relation relation, Shape byKey, List<String> parts, @Nullable String predicate) {
        List<String> values = new ArrayList<>();
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            values.add("(" + parts.get(i) + ") AS replicator_" + i);
            equal.add("o.replicator_" + i + " = n.replicator_" + i);
        }
        String where = predicate == null ? "" : " WHERE " + predicate;
        String of = table.quoted();
        return "SELECT " + StandingRow.columns(relation) + " FROM " + of
                + " AS t WHERE t.ctid IN (SELECT o.replicator_ctid"
                + " FROM (SELECT ctid AS replicator_ctid, " + String.join(", ", values) + " FROM " + of + where + ") o"
                + " JOIN (SELECT " + String.join(", ", values)
                + " FROM (SELECT (pg_catalog.jsonb_populate_record((" + ShapeSql.select(byKey, "t")
                + "), q.carried)).* FROM replicator.quarantine q WHERE q.id = ?) r" + where + ") n ON "
                + String.join(" AND ", equal) + ") LIMIT 1";
    }
}
