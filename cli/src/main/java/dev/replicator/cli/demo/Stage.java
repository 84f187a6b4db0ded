package dev.replicator.cli.demo;

import dev.replicator.cli.demo.shakespeare.Shakespeare;
import dev.replicator.embedded.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The demo's databases: three servers with one database each, or one server with all three. Two ordinary roles log in
 * without a password, from this machine only: {@code shakespeare} owns databases and tables, as an application does;
 * {@code replicator} has what replication needs, and no more.
 *
 * <p>Thread: that of the demo; works on all databases at once where that is faster.
 */
final class Stage implements AutoCloseable {
    static final List<String> DATABASES = List.of("shake1", "shake2", "shake3");
    static final String OWNER = "shakespeare";
    static final String REPLICATOR = "replicator";
    static final int VERSION = 18;

    /** Server by database, in the order of the databases; the same one three times if there is only one. */
    private final Map<String, PostgresServer> servers = new LinkedHashMap<>();

    private Stage() {}

    /** Starts servers and creates the databases, empty. */
    static Stage open(boolean oneCluster) {
        Stage stage = new Stage();
        try {
            List<PostgresServer> started = atOnce(oneCluster ? 1 : DATABASES.size(), server -> startServer());
            for (int i = 0; i < DATABASES.size(); i++) {
                stage.servers.put(DATABASES.get(i), started.get(oneCluster ? 0 : i));
            }
            started.forEach(Stage::createRoles);
            stage.servers.forEach(Stage::createDatabase);
            return stage;
        } catch (RuntimeException e) {
            stage.close();
            throw e;
        }
    }

    private static PostgresServer startServer() {
        return PostgresServer.builder().version(VERSION).start();
    }

    private static void createRoles(PostgresServer server) {
        server.execute("postgres", "CREATE ROLE " + OWNER + " LOGIN");
        server.execute("postgres", "CREATE ROLE " + REPLICATOR + " LOGIN");
    }

    private static void createDatabase(String database, PostgresServer server) {
        server.execute("postgres", "CREATE DATABASE " + database + " OWNER " + OWNER);
    }

    /** Creates the Shakespeare tables in every database, with equal rows. */
    void load(Shakespeare data) {
        atOnce(DATABASES.size(), i -> {
            try (Connection connection = DriverManager.getConnection(jdbcUrl(DATABASES.get(i), OWNER))) {
                data.load(connection);
                return connection;
            }
        });
    }

    /** Runs SQL as the superuser, as an administrator does. */
    void execute(String database, String sql) {
        server(database).execute(database, sql);
    }

    /** As the configuration file and psql have it. */
    String url(String database, String role) {
        return "postgresql://" + role + "@127.0.0.1:" + server(database).port() + "/" + database;
    }

    String jdbcUrl(String database, String role) {
        return "jdbc:postgresql://127.0.0.1:" + server(database).port() + "/" + database + "?user=" + role;
    }

    private PostgresServer server(String database) {
        PostgresServer server = servers.get(database);
        if (server == null) {
            throw new IllegalArgumentException("there is no database " + database);
        }
        return server;
    }

    /** Stops the servers and deletes their data. */
    @Override
    public void close() {
        List<PostgresServer> distinct = servers.values().stream().distinct().toList();
        atOnce(distinct.size(), i -> {
            distinct.get(i).close();
            return distinct;
        });
    }

    private interface Work<T> {
        T call(int index) throws SQLException;
    }

    private static <T> List<T> atOnce(int count, Work<T> work) {
        List<CompletableFuture<T>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            CompletableFuture<T> done = new CompletableFuture<>();
            new Thread(() -> complete(done, () -> work.call(index)), "demo-" + index).start();
            running.add(done);
        }
        try {
            return running.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static <T> void complete(CompletableFuture<T> done, Callable<T> work) {
        try {
            done.complete(work.call());
        } catch (Throwable e) {
            done.completeExceptionally(e);
        }
    }
}
