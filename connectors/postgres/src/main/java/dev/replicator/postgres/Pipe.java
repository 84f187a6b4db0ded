package dev.replicator.postgres;

import dev.replicator.error.ReplicatorException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.CachedQuery;
import org.postgresql.core.Field;
import org.postgresql.core.ParameterList;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.Tuple;

/**
 * Sends scripts over a session: all statements of one in a single round trip, each prepared on the server once its text
 * has come a few times.
 *
 * <p>It uses the driver's query executor directly, because that takes parameters of any type as the bytes they are; JDBC
 * would have every value pass through an object of the driver's. Transactions are the script's own affair: BEGIN and
 * COMMIT stand in it. When a statement fails, those after it are not executed, and the exception is the server's.
 *
 * <p>Thread: one.
 */
final class Pipe {
    private static final int PREPARE_FROM_USE = 3;
    private static final int MAX_QUERIES = 512;
    private static final int FLAGS = QueryExecutor.QUERY_SUPPRESS_BEGIN | QueryExecutor.QUERY_NO_BINARY_TRANSFER;

    private final QueryExecutor executor;
    private final Map<String, CachedQuery> queries = new LinkedHashMap<>(64, 0.75f, true);

    Pipe(Connection connection) throws SQLException {
        this.executor = connection.unwrap(BaseConnection.class).getQueryExecutor();
    }

    /**
     * A statement's answer.
     *
     * @param count rows it inserted, updated or deleted; for a query, rows it returned
     * @param rows what a query returned; for any other statement none
     */
    record Reply(long count, List<Tuple> rows) {
        /** A column of the first row as text; null where it is NULL or there is no row. */
        @Nullable
        String text(int column) {
            byte @Nullable [] value = rows.isEmpty() ? null : rows.get(0).get(column);
            return value == null ? null : new String(value, StandardCharsets.UTF_8);
        }
    }

    /** Runs the script and empties it. */
    List<Reply> run(Script script) throws SQLException {
        CachedQuery cached = query(script.sql());
        Query query = cached.query;
        ParameterList parameters = query.createParameterList();
        int at = 1;
        for (Parameter parameter : script.parameters()) {
            if (parameter.value() == null) {
                parameters.setNull(at++, parameter.oid());
            } else {
                parameters.setBinaryParameter(at++, parameter.value(), parameter.oid());
            }
        }
        int expected = script.statements();
        script.clear();
        cached.increaseExecuteCount();
        int flags = cached.getExecuteCount() < PREPARE_FROM_USE ? FLAGS | QueryExecutor.QUERY_ONESHOT : FLAGS;
        Replies replies = new Replies();
        executor.execute(query, parameters, replies, 0, 0, flags);
        if (replies.list.size() != expected) {
            throw ReplicatorException.bug(
                    "a PostgreSQL session is out of step",
                    expected + " statements were sent, " + replies.list.size() + " answers came: "
                            + query.getNativeSql());
        }
        return replies.list;
    }

    private CachedQuery query(String sql) throws SQLException {
        CachedQuery cached = queries.get(sql);
        if (cached == null) {
            cached = executor.createQuery(sql, false, true);
            queries.put(sql, cached);
            if (queries.size() > MAX_QUERIES) {
                Iterator<CachedQuery> oldest = queries.values().iterator();
                oldest.next().query.close();
                oldest.remove();
            }
        }
        return cached;
    }

    private static final class Replies extends ResultHandlerBase {
        private final List<Reply> list = new ArrayList<>();

        @Override
        public void handleResultRows(Query query, Field[] fields, List<Tuple> tuples, @Nullable ResultCursor cursor) {
            list.add(new Reply(tuples.size(), tuples));
        }

        @Override
        public void handleCommandStatus(String status, long updateCount, long insertOid) {
            list.add(new Reply(updateCount, List.of()));
        }

        @Override
        public void handleWarning(SQLWarning warning) {
            // Notices of triggers and the like concern nobody here.
        }
    }
}
