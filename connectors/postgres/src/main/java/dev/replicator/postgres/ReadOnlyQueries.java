package dev.replicator.postgres;

import dev.replicator.codec.TypedValue;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.ReadOnlySql;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/** Asks the PostgreSQL databases of a sync, each question in a session and a read-only transaction of its own. Any thread. */
public final class ReadOnlyQueries implements ReadOnlySql {
    private static final int MAX_ROWS = 1_000;
    private static final String LIMIT = "5s";

    private final SyncSpec sync;
    private final String limit;

    public ReadOnlyQueries(SyncSpec sync) {
        this(sync, LIMIT);
    }

    /** {@code limit}: how long a statement may take, as PostgreSQL writes it. */
    ReadOnlyQueries(SyncSpec sync, String limit) {
        this.sync = sync;
        this.limit = limit;
    }

    @Override
    public List<Map<String, @Nullable Object>> query(String database, String sql, @Nullable Object... parameters) {
        DatabaseSpec spec = IntStream.range(0, sync.nodeCount())
                .mapToObj(sync::node)
                .filter(node -> node.name().equals(database) && node.kind().equals("postgres"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the sync has no PostgreSQL database of that name"));
        try (Connection connection = Sessions.open(
                spec,
                "replicator " + sync.name() + " handler",
                Map.of("statement_timeout", limit, "lock_timeout", limit))) {
            if (connection
                            .unwrap(BaseConnection.class)
                            .getQueryExecutor()
                            .createQuery(sql, false, true)
                            .query
                            .getSubqueries()
                    != null) {
                throw new IllegalArgumentException("only one statement may be asked at a time");
            }
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            try (Statement first = connection.createStatement()) {
                // Behind a first query a transaction cannot be made read-write any more.
                first.execute("SELECT 1");
            }
            return rows(connection, sql, parameters);
        } catch (SQLException e) {
            // What the server says may hold values.
            throw new IllegalArgumentException(
                    "database \"" + database + "\" refused the query with SQLSTATE " + SqlErrors.state(e), e);
        } catch (ReplicatorException e) {
            throw new IllegalArgumentException("database \"" + database + "\" cannot be asked", e);
        }
    }

    private static List<Map<String, @Nullable Object>> rows(
            Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                set(select, i + 1, parameters[i]);
            }
            select.setMaxRows(MAX_ROWS + 1);
            ResultSet found = select.executeQuery();
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            while (found.next()) {
                rows.add(row(found));
            }
            if (rows.size() > MAX_ROWS) {
                throw new IllegalArgumentException("the query gave more than " + MAX_ROWS + " rows");
            }
            return rows;
        }
    }

    private static void set(PreparedStatement select, int at, @Nullable Object value) throws SQLException {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            select.setLong(at, number.longValue());
        } else if (value instanceof BigInteger number) {
            select.setBigDecimal(at, new BigDecimal(number));
        } else if (value == null || value instanceof Number || value instanceof Boolean || value instanceof byte[]) {
            select.setObject(at, value);
        } else {
            // Of no type, so that the server takes it as what it is compared with.
            select.setObject(at, TypedValue.toText(value), Types.OTHER);
        }
    }

    private static Map<String, @Nullable Object> row(ResultSet found) throws SQLException {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int c = 1; c <= found.getMetaData().getColumnCount(); c++) {
            @Nullable String text = found.getString(c);
            row.put(
                    found.getMetaData().getColumnLabel(c),
                    text == null ? null : TypedValue.ofText(found.getMetaData().getColumnTypeName(c), text));
        }
        return row;
    }
}
