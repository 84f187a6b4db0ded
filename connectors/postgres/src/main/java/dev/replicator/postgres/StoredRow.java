package dev.replicator.postgres;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row that is stored as a JSON object of text forms in a table of schema {@code replicator}. Thread: the connection's. */
final class StoredRow {
    private StoredRow() {}

    /** What stands in {@code column} of the row {@code id} of {@code table}; what is not there is absent. */
    static Row read(Connection connection, String table, String column, long id, Relation relation)
            throws SQLException {
        Map<String, @Nullable String> values = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT e.key, e.value FROM replicator." + table
                + " q CROSS JOIN LATERAL pg_catalog.jsonb_each_text(q." + column + ") e WHERE q.id = ?")) {
            select.setLong(1, id);
            ResultSet pairs = select.executeQuery();
            while (pairs.next()) {
                values.put(pairs.getString(1), pairs.getString(2));
            }
        }
        Row.Builder row = new Row.Builder(relation);
        for (Column one : relation.columns()) {
            @Nullable String value = values.get(one.name());
            if (value != null) {
                row.text(value);
            } else if (values.containsKey(one.name())) {
                row.nil();
            } else {
                row.absent();
            }
        }
        return row.build();
    }
}
