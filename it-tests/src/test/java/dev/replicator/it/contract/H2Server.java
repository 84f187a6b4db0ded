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
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** An H2 server in a process of its own, as a JDBC database like any other, or in its Oracle mode. */
final class H2Server implements ContractServer {
    private final Path folder;
    private final int port;
    private final boolean oracle;
    private @Nullable Process process;
    private int number;

    H2Server(boolean oracle) {
        this.oracle = oracle;
        try {
            folder = Files.createTempDirectory("replicator-h2-");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    @Override
    public void restart() {
        try {
            process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            "org.h2.tools.Server",
                            "-tcp",
                            "-tcpPort",
                            String.valueOf(port),
                            "-ifNotExists",
                            "-baseDir",
                            folder.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    DriverManager.getConnection(url("start"), "sa", "").close();
                    return true;
                });
    }

    private String url(String database) {
        return "jdbc:h2:tcp://127.0.0.1:" + port + "/./" + database + ";WRITE_DELAY=0;LOCK_TIMEOUT=5000"
                + (oracle ? ";MODE=Oracle" : "");
    }

    @Override
    public Place fresh() {
        String url = url("it" + ++number);
        return oracle
                ? new Place("jdbc:oracle:thin:@//h2/it" + number, "sa", null, url)
                : new Place(url, "sa", null, null);
    }

    private Connection connect(Place place) throws SQLException {
        String url = place.driverUrl() == null ? place.url() : place.driverUrl();
        return DriverManager.getConnection(url, "sa", "");
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        try (Connection connection = connect(place)) {
            return SqlRows.read(connection, '"', table.name(), columns);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void execute(Place place, String statement) {
        try (Connection connection = connect(place)) {
            SqlRows.run(connection, statement);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public boolean emptyIsNull() {
        return oracle;
    }

    @Override
    public String expected(String type, String text) {
        boolean far = text.endsWith("infinity") || text.endsWith("BC") || text.matches("\\d{5,}-.*");
        return switch (type) {
            case "bool" -> oracle ? (text.equals("t") ? "1" : "0") : (text.equals("t") ? "TRUE" : "FALSE");
            case "float4", "float8" -> SqlRows.number(text);
            case "numeric(10;2)" -> text.equals("NaN") ? REFUSED : oracle && text.equals("0.00") ? "0" : text;
            case "date" -> far ? REFUSED : oracle ? text + " 00:00:00" : text;
            case "time" -> oracle || !text.startsWith("24") ? text : REFUSED;
            case "timestamp", "timestamptz" -> far ? REFUSED : text;
            default -> oracle && text.isEmpty() ? "null" : text;
        };
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return Map.entry("numeric(10;2)", "NaN");
    }

    @Override
    public boolean kill() {
        if (process == null) {
            throw new IllegalStateException("it does not run");
        }
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return true;
    }

    @Override
    public void close() {
        kill();
        UnpackedJar.delete(folder);
    }
}
