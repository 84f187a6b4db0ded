package dev.replicator.it.bench;

import dev.replicator.embedded.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server of the benchmark: started here, or given by a URL. Databases of the benchmark are created in it
 * and dropped again. Thread: any.
 */
final class Cluster implements AutoCloseable {
    private final @Nullable PostgresServer started;
    private final String authority;

    private Cluster(@Nullable PostgresServer started, String authority) {
        this.started = started;
        this.authority = authority;
    }

    /** Starts one. Nothing in it is durable, on either side, so that the machine's disk is not what is measured. */
    static Cluster start(int version) {
        PostgresServer server = PostgresServer.builder()
                .version(version)
                .setting("shared_buffers", "256MB")
                .setting("max_wal_size", "8GB")
                .setting("checkpoint_timeout", "1h")
                .setting("autovacuum", "off")
                .setting("max_connections", "60")
                .start();
        return new Cluster(server, "postgres@127.0.0.1:" + server.port());
    }

    /** One that runs already; the URL's role must be a superuser. */
    static Cluster at(String url) {
        return new Cluster(null, URI.create(url).getRawAuthority());
    }

    /** As the configuration file and libpq have it. */
    String url(String database) {
        return "postgresql://" + authority + "/" + database;
    }

    Connection connect(String database) throws SQLException {
        int at = authority.indexOf('@');
        String[] user = authority.substring(0, Math.max(at, 0)).split(":", 2);
        String url = "jdbc:postgresql://" + authority.substring(at + 1) + "/" + database + "?user=" + user[0];
        return DriverManager.getConnection(user.length > 1 ? url + "&password=" + user[1] : url);
    }

    void run(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(database + ": " + e.getMessage(), e);
        }
    }

    /** The first column of the first row as text, or null when there is no row. */
    @Nullable
    String ask(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(database + ": " + e.getMessage(), e);
        }
    }

    int version() {
        return Integer.parseInt(String.valueOf(ask("postgres", "SHOW server_version_num"))) / 10_000;
    }

    void create(String database, String... ddl) {
        drop(database);
        run("postgres", "CREATE DATABASE " + database);
        run(database, ddl);
    }

    void drop(String database) {
        run(
                "postgres",
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = '" + database
                        + "' AND active");
        Waiting.until(
                () -> "0"
                        .equals(ask(
                                "postgres",
                                "SELECT count(*) FROM pg_replication_slots WHERE database = '" + database
                                        + "' AND active")),
                "the slots of " + database + " are free");
        run(
                "postgres",
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '" + database
                        + "'",
                "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    }

    /** Processor seconds of all its processes so far; NaN where it does not run on this machine as ours. */
    double cpuSeconds() {
        if (started == null) {
            return Double.NaN;
        }
        try {
            String pid = Files.readAllLines(started.dataDirectory().resolve("postmaster.pid"))
                    .get(0);
            return Processes.cpuSecondsOfTree(Long.parseLong(pid.trim()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (started != null) {
            started.close();
        }
    }
}
