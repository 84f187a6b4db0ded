package dev.replicator.postgres;

import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The replication origin under which a session writes, and how each transaction uses it.
 *
 * <p>{@link Use#WHOLE}: the session stays in the origin; each transaction sets its commit time, or it would get a stale
 * one. {@link Use#ROWS_ONLY}: a transaction enters the origin, writes its rows and leaves it before the mark and the
 * commit, so that a stream with {@code origin 'none'} sends these two and nothing else. {@link Use#NONE}: the functions
 * are not granted; a master's transactions then begin with a mark.
 *
 * <p>The origin's state is not transactional: after any error the session is closed. One origin serves one session at a
 * time (55006). Source: PostgreSQL documentation, "Replication Progress Tracking"; {@code origin.c}.
 */
final class Origin {
    /** How transactions use it. */
    enum Use {
        WHOLE,
        ROWS_ONLY,
        NONE
    }

    private static final String GRANTED = "SELECT count(DISTINCT proname) = 4 AND bool_and("
            + "pg_catalog.has_function_privilege(oid, 'EXECUTE')) FROM pg_catalog.pg_proc "
            + "WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('pg_replication_origin_create', "
            + "'pg_replication_origin_session_setup', 'pg_replication_origin_session_reset', "
            + "'pg_replication_origin_xact_setup')";
    private static final String SETUP = "SELECT pg_catalog.pg_replication_origin_session_setup(?)";

    private static final String RESET = "SELECT pg_catalog.pg_replication_origin_session_reset()";

    private final String name;
    private final Use use;

    private Origin(String name, Use use) {
        this.name = name;
        this.use = use;
    }

    /** Finds out what is granted, creates the origin if it is missing, and enters it where sessions stay in it. */
    static Origin open(Connection connection, String name, boolean rowsOnly, Fence fence) throws SQLException {
        if (!isGranted(connection)) {
            return new Origin(name, Use.NONE);
        }
        create(connection, name);
        fence.whenOriginIsFree(() -> enter(connection, name));
        if (rowsOnly) {
            ask(connection, RESET);
        }
        return new Origin(name, rowsOnly ? Use.ROWS_ONLY : Use.WHOLE);
    }

    /** Whether the functions may be used. */
    static boolean isGranted(Connection connection) throws SQLException {
        return ask(connection, GRANTED);
    }

    /** Creates an origin if it is missing. */
    static void create(Connection connection, String name) throws SQLException {
        if (exists(connection, name)) {
            return;
        }
        try (PreparedStatement create =
                connection.prepareStatement("SELECT pg_catalog.pg_replication_origin_create(?)")) {
            create.setString(1, name);
            create.execute();
        } catch (SQLException e) {
            // Another session was faster.
            if (!SqlErrors.state(e).equals("23505")) {
                throw e;
            }
        }
    }

    private static void enter(Connection connection, String name) throws SQLException {
        try (PreparedStatement setup = connection.prepareStatement(SETUP)) {
            setup.setString(1, name);
            setup.execute();
        }
    }

    Use use() {
        return use;
    }

    /** First in a transaction, after BEGIN. {@code commitMicros} 0: unknown, now. */
    void begin(Script script, long commitMicros) {
        switch (use) {
            case WHOLE ->
                script.add(
                        "SELECT pg_catalog.pg_replication_origin_xact_setup('0/0', "
                                + "coalesce(?, pg_catalog.clock_timestamp()))",
                        Parameter.time(commitMicros));
            case ROWS_ONLY -> script.add(SETUP, Parameter.text(name));
            case NONE -> {}
        }
    }

    /** After the rows, before a mark. */
    void leave(Script script) {
        if (use == Use.ROWS_ONLY) {
            script.add(RESET);
        }
    }

    /** After a mark, when more rows follow in the transaction. */
    void enterAgain(Script script) {
        if (use == Use.ROWS_ONLY) {
            script.add(SETUP, Parameter.text(name));
        }
    }

    /** Where each transaction enters the origin: leaves it, if the one that failed had come so far. */
    void leaveAfterRollback(Connection connection) throws SQLException {
        if (use != Use.ROWS_ONLY) {
            return;
        }
        try {
            ask(connection, RESET);
        } catch (SQLException e) {
            // It had not been entered.
            if (!SqlErrors.state(e).equals("55000")) {
                throw e;
            }
        }
    }

    private static boolean exists(Connection connection, String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT FROM pg_catalog.pg_replication_origin WHERE roname = ?")) {
            select.setString(1, name);
            return select.executeQuery().next();
        }
    }

    private static boolean ask(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ResultSet row = statement.executeQuery();
            return row.next() && "t".equals(row.getString(1));
        }
    }
}
