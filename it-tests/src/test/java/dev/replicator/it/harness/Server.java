package dev.replicator.it.harness;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A real PostgreSQL server, from binaries or in a container: tests do not know which. It listens on 127.0.0.1; the superuser
 * is {@code postgres}, without a password.
 *
 * <p>Guarantees: {@link #start} and {@link #killHard} return when the change is complete; port and data stay the same over
 * both. {@link #close} leaves nothing behind. Thread: any.
 */
public interface Server extends AutoCloseable {
    int majorVersion();

    int port();

    /** Where the other servers of this run find this one, at the same port. */
    String hostForServers();

    /** Starts a server that was killed, and waits until it accepts connections. */
    void start();

    /** Kills every process at once, as a crash of the machine would: commits that were not yet written are lost. */
    void killHard();

    /** Stops all processes without ending them: the server answers nothing, its connections stay open. */
    void freeze();

    /** Lets a frozen server go on. */
    void unfreeze();

    @Override
    void close();

    /** URL for pgjdbc, user included. */
    default String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=postgres";
    }

    /** URL as libpq and the configuration file have it, user included. */
    default String url(String database) {
        return "postgresql://postgres@127.0.0.1:" + port() + "/" + database;
    }

    /** A new connection as superuser; the caller closes it. */
    default Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database));
    }

    /** Creates a database; the name is quoted as needed. */
    default void createDatabase(String name) {
        execute("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + '"');
    }

    /** Runs SQL, several statements if need be, in a connection of its own. */
    default void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError("database \"" + database + "\": " + e.getMessage() + "\nstatement: " + sql, e);
        }
    }
}
