package dev.replicator.postgres;

import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is put aside in one database, for a person who looks at it. Thread: that of the connection. Empty where the schema
 * has not been installed yet.
 */
public final class QuarantineList {
    private static final String SELECT =
            "SELECT id, sync, schema_name, table_name, operation, key::text, carried::text,"
                    + " sqlstate, constraint_name, reason, parked_at FROM replicator.quarantine ";

    private final Connection connection;

    public QuarantineList(Connection connection) {
        this.connection = connection;
    }

    /**
     * One change that the database has refused. {@code key} and {@code carried} are JSON objects of PostgreSQL's text
     * forms; {@code reason} is what the server said, without values.
     */
    public record Entry(
            long id,
            String sync,
            TableName table,
            String operation,
            String key,
            String carried,
            String sqlState,
            @Nullable String constraint,
            String reason,
            Instant parkedAt) {}

    /** The oldest first; {@code sync} and {@code table} ({@code schema.name} or the bare name) null: all. */
    public List<Entry> list(@Nullable String sync, @Nullable String table) {
        return read(
                "WHERE (?::text IS NULL OR sync = ?)"
                        + " AND (?::text IS NULL OR table_name = ? OR schema_name || '.' || table_name = ?) ORDER BY id",
                sync,
                sync,
                table,
                table,
                table);
    }

    public Optional<Entry> find(long id) {
        return read("WHERE id = ?::bigint", Long.toString(id)).stream().findFirst();
    }

    /** Gives the change up; whether it was there. */
    public boolean drop(long id) {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM replicator.quarantine WHERE id = ?")) {
            delete.setLong(1, id);
            return delete.executeUpdate() > 0;
        } catch (SQLException e) {
            throw SqlErrors.doing("drop change " + id + " from the quarantine", e);
        }
    }

    private List<Entry> read(String condition, @Nullable String... parameters) {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return List.of();
            }
            try (PreparedStatement select = connection.prepareStatement(SELECT + condition)) {
                for (int i = 0; i < parameters.length; i++) {
                    select.setString(i + 1, parameters[i]);
                }
                ResultSet rows = select.executeQuery();
                List<Entry> entries = new ArrayList<>();
                while (rows.next()) {
                    entries.add(new Entry(
                            rows.getLong(1),
                            rows.getString(2),
                            new TableName(rows.getString(3), rows.getString(4)),
                            rows.getString(5),
                            rows.getString(6),
                            rows.getString(7),
                            rows.getString(8),
                            rows.getString(9),
                            rows.getString(10),
                            rows.getObject(11, OffsetDateTime.class).toInstant()));
                }
                return entries;
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the quarantine", e);
        }
    }
}
