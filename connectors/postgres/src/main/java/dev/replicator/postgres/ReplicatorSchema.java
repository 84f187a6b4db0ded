package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ServerNames;
import dev.replicator.session.SqlErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The schema {@code replicator}: everything that is stored in a database, and the number of its format.
 *
 * <p>Guarantees: {@link #install} may run any number of times, in several sessions at once (an advisory lock orders
 * them); a schema of an older format is migrated, one of a newer format is refused by name. An ordinary role needs
 * {@code CREATE} on the database, once.
 *
 * <p>Thread: that of the connection, which has to be in auto-commit mode. Source: {@code schema-1.sql}
 * beside this class, and what leads from each format to the next.
 */
public final class ReplicatorSchema {
    /** The newest format this version knows, and the one it installs. */
    public static final int FORMAT = 4;

    /** Tables with a column {@code sync}. */
    private static final List<String> OF_A_SYNC = List.of(
            "progress",
            "state",
            "identity",
            "secret",
            "conflict_history",
            "pause",
            "detached",
            "quarantine",
            "orphan",
            "decision",
            "table_join",
            "copy_range",
            "full_copy");

    private static final long ADVISORY_LOCK = 0x7265706c69636174L;

    private ReplicatorSchema() {}

    /** Installs or migrates the schema as needed. {@code database} is the short name, for messages. */
    public static void install(Connection connection, String database) {
        try {
            if (isInstalled(connection) && checked(format(connection), database) == FORMAT) {
                return;
            }
            connection.setAutoCommit(false);
            try {
                installLocked(connection, database);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw failure(database, e);
        }
    }

    /** Whether the schema is there, of whatever format. */
    public static boolean isInstalled(Connection connection) throws SQLException {
        return exists(
                connection,
                // to_regclass and the like may answer from a cache that is older than the advisory lock.
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                        + " ON n.oid = c.relnamespace WHERE n.nspname = 'replicator' AND c.relname = 'meta')");
    }

    /** Refuses a schema that a newer version of this program has installed; true when there is one that can be used. */
    public static boolean isUsable(Connection connection, String database) {
        try {
            return isInstalled(connection) && checked(format(connection), database) == FORMAT;
        } catch (SQLException e) {
            throw failure(database, e);
        }
    }

    /** Removes everything that one sync has stored; the schema itself too once no sync is left. */
    public static void removeSync(Connection connection, String database, String sync) {
        try {
            if (!isInstalled(connection)) {
                return;
            }
            for (String table : OF_A_SYNC) {
                try (PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM replicator." + table + " WHERE sync = ?")) {
                    delete.setString(1, sync);
                    delete.executeUpdate();
                }
            }
            if (!exists(
                    connection,
                    "SELECT EXISTS (SELECT FROM replicator.progress) OR EXISTS (SELECT FROM replicator.full_copy)")) {
                execute(connection, "DROP SCHEMA replicator CASCADE");
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("remove what sync \"" + sync + "\" stored on database \"" + database + "\"", e);
        }
    }

    private static void installLocked(Connection connection, String database) throws SQLException {
        execute(connection, "SELECT pg_catalog.pg_advisory_xact_lock(" + ADVISORY_LOCK + ")");
        // Another session may have been faster.
        int format = isInstalled(connection) ? checked(format(connection), database) : 0;
        // CREATE SCHEMA IF NOT EXISTS wants the privilege even where the schema has been made by an administrator.
        if (format == 0
                && !exists(
                        connection,
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'replicator')")) {
            execute(connection, "CREATE SCHEMA " + ServerNames.SCHEMA);
        }
        for (int next = format + 1; next <= FORMAT; next++) {
            execute(connection, resource("schema-" + next + ".sql"));
        }
    }

    private static int checked(int format, String database) {
        if (format > FORMAT) {
            throw ReplicatorException.fatal(
                    ErrorCode.FORMAT_TOO_NEW,
                    "cannot use schema \"replicator\" of database \"" + database + "\"",
                    "It has format " + format + "; this version knows formats up to " + FORMAT + ".",
                    "Run the version of replicator that installed it, or a newer one.");
        }
        return format;
    }

    private static int format(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT max(format) FROM replicator.meta")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static ReplicatorException failure(String database, SQLException e) {
        ReplicatorException failure =
                SqlErrors.doing("install schema \"replicator\" on database \"" + database + "\"", e);
        return failure.code() == ErrorCode.PRIVILEGE
                ? new ReplicatorException(
                        failure.kind(),
                        failure.code(),
                        failure.primary(),
                        failure.detail(),
                        "GRANT CREATE ON DATABASE ... TO the role; or let an administrator run:"
                                + " CREATE SCHEMA replicator AUTHORIZATION the role.",
                        e)
                : failure;
    }

    private static boolean exists(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String resource(String name) {
        try (InputStream in = ReplicatorSchema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
