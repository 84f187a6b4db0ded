package dev.replicator.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server as child processes of this one. It listens on 127.0.0.1 only; the superuser is {@code
 * postgres}, without a password.
 *
 * <p>Guarantees: {@link #start}, {@link #stop}, {@link #killHard} and {@link #restart} return when the change is
 * complete; the port and the data stay the same over all of them. {@link #close} leaves nothing behind, and so does the
 * end of this process; what a killed process leaves is removed by the next one that starts a server.
 *
 * <p>Thread: any; the methods of one server exclude each other.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.builder().version(18).start()) {
 *     server.createDatabase("shake1");
 *     try (Connection connection = server.connect("shake1")) { ... }
 * }
 * }</pre>
 */
public final class PostgresServer implements AutoCloseable {

    private static final long START_TIMEOUT_MILLIS = 60_000;
    private static final long STOP_TIMEOUT_MILLIS = 10_000;
    private static final long POLL_MILLIS = 5;
    private static final int LOG_TAIL_LINES = 20;
    private static final int PORT_ATTEMPTS = 5;

    private final PostgresBinaries binaries;
    private final Path directory;
    private final DataDirectory data;
    private final Map<String, String> settings;
    private final boolean deleteOnClose;
    private final boolean portIsFree;
    private final Thread shutdownHook = new Thread(this::closeAtExit, "stop-postgres");

    private int port;
    private @Nullable ProcessTree processes;
    private @Nullable Process process;
    private boolean frozen;
    private boolean closed;

    PostgresServer(PostgresServerBuilder builder, PostgresBinaries binaries, Path directory, Path dataDirectory) {
        this.binaries = binaries;
        this.directory = directory;
        this.data = new DataDirectory(dataDirectory);
        this.settings = builder.effectiveSettings(binaries.majorVersion());
        this.deleteOnClose = builder.keepsNoData();
        this.portIsFree = builder.port() == 0;
        this.port = portIsFree ? FreePort.find() : builder.port();
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    /** A server with the newest version at hand, a free port and a data directory of its own, unless told otherwise. */
    public static PostgresServerBuilder builder() {
        return new PostgresServerBuilder();
    }

    /** Starts the server and waits until it accepts connections; recovers first where the last end was a crash. */
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("the server is closed");
        }
        if (isRunning()) {
            return;
        }
        try {
            data.createIfMissing(binaries);
            data.writeSettings(settings);
            for (int attempt = 1; !tryStart(); attempt++) {
                if (!portIsFree || attempt == PORT_ATTEMPTS) {
                    throw failure("could not start PostgreSQL on port " + port + ": the port is in use");
                }
                port = FreePort.find();
            }
        } catch (IOException failure) {
            throw new EmbeddedPostgresException(
                    "could not start PostgreSQL " + binaries.majorVersion() + " in \"" + data.path() + "\"",
                    failure.toString(),
                    null,
                    failure);
        }
    }

    /** Fast shutdown: open transactions are rolled back, what is committed is flushed. */
    public synchronized void stop() {
        end("INT");
    }

    /**
     * Kills every process of the server at once, as a crash of the machine would. Commits that were not yet written are
     * lost: with {@code synchronous_commit=off} those of up to three times {@code wal_writer_delay}.
     */
    public synchronized void killHard() {
        ProcessTree tree = processes;
        Process running = process;
        if (tree != null && running != null && running.isAlive()) {
            tree.kill();
            // Its parent must have taken note too: until then the next server believes that it still runs.
            hasExited(running, STOP_TIMEOUT_MILLIS);
        }
        forget();
    }

    /** Stops all processes without ending them: the server answers nothing, its connections stay open. */
    public synchronized void freeze() {
        ProcessTree running = processes;
        if (running == null || !isRunning()) {
            throw new IllegalStateException("the server is not running");
        }
        running.freeze();
        frozen = true;
    }

    /** Lets a frozen server go on. */
    public synchronized void unfreeze() {
        ProcessTree running = processes;
        if (running != null && frozen) {
            running.unfreeze();
        }
        frozen = false;
    }

    /** Stops, if it runs, and starts. */
    public synchronized void restart() {
        stop();
        start();
    }

    /** Ends the server. Its data directory is deleted, unless the builder was given one. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException exiting) {
            // The hook itself is what runs.
        }
        // Data that is about to be deleted needs no orderly end.
        end(deleteOnClose ? "QUIT" : "INT");
        try {
            FileTree.delete(directory);
        } catch (IOException failure) {
            throw new UncheckedIOException("could not delete " + directory, failure);
        }
    }

    public synchronized boolean isRunning() {
        Process started = process;
        return started != null && started.isAlive();
    }

    public int majorVersion() {
        return binaries.majorVersion();
    }

    public synchronized int port() {
        return port;
    }

    public Path dataDirectory() {
        return data.path();
    }

    /** URL for pgjdbc, user included. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database + "?user=postgres";
    }

    /** URL as libpq and the configuration file have it, user included. */
    public String url(String database) {
        return "postgresql://postgres@127.0.0.1:" + port() + "/" + database;
    }

    /** A new connection as superuser; the caller closes it. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database));
    }

    /** Creates a database; the name is quoted as needed. */
    public void createDatabase(String name) {
        execute("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + '"');
    }

    /** Runs SQL, several statements if need be, in a connection of its own. */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw new EmbeddedPostgresException(
                    "could not execute SQL on database \"" + database + "\"",
                    failure.getMessage() + "\nThe statement was: " + sql,
                    null,
                    failure);
        }
    }

    /** The last lines of the server's log. */
    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(logFile(), StandardCharsets.UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        } catch (IOException unreadable) {
            return "(no log: " + unreadable + ")";
        }
    }

    /** Whether it started; false if its port was taken. */
    private boolean tryStart() throws IOException {
        Files.deleteIfExists(logFile());
        List<String> arguments = List.of("-D", data.path().toString(), "-p", Integer.toString(port));
        Process started = new ProcessBuilder(Account.current().command(binaries.program("postgres"), arguments))
                .redirectErrorStream(true)
                .redirectOutput(logFile().toFile())
                .start();
        started.getOutputStream().close();
        process = started;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_TIMEOUT_MILLIS);
        while (!hasExited(started, POLL_MILLIS)) {
            ProcessHandle postmaster = postmasterOf(started);
            if (postmaster != null && data.isReady()) {
                processes = new ProcessTree(postmaster, started.toHandle());
                return true;
            }
            if (System.nanoTime() > deadline) {
                started.descendants().forEach(ProcessHandle::destroyForcibly);
                started.destroyForcibly();
                throw failure("could not start PostgreSQL within " + START_TIMEOUT_MILLIS / 1000 + " s");
            }
        }
        forget();
        if (logTail().contains("Address already in use")) {
            return false;
        }
        throw failure("PostgreSQL " + binaries.majorVersion() + " ended while it was starting");
    }

    /** The process itself, or its child where the command that changes the user stays between. */
    private @Nullable ProcessHandle postmasterOf(Process started) throws IOException {
        OptionalLong pid = data.postmasterPid();
        if (pid.isEmpty()) {
            return null;
        }
        if (pid.getAsLong() == started.pid()) {
            return started.toHandle();
        }
        return started.descendants()
                .filter(child -> child.pid() == pid.getAsLong())
                .findFirst()
                .orElse(null);
    }

    private void end(String signal) {
        Process running = process;
        ProcessTree tree = processes;
        if (running == null || tree == null || !running.isAlive()) {
            forget();
            return;
        }
        unfreeze();
        tree.signalRoot(signal);
        if (!hasExited(running, STOP_TIMEOUT_MILLIS)) {
            // A fast shutdown waits for replication clients to read on; not all do.
            tree.signalRoot("QUIT");
            if (!hasExited(running, STOP_TIMEOUT_MILLIS)) {
                tree.kill();
                hasExited(running, STOP_TIMEOUT_MILLIS);
            }
        }
        forget();
    }

    private void forget() {
        process = null;
        processes = null;
        frozen = false;
    }

    private void closeAtExit() {
        try {
            close();
        } catch (RuntimeException failure) {
            // Nobody is left to be told; the next process cleans up.
        }
    }

    private Path logFile() {
        return directory.resolve("log");
    }

    private EmbeddedPostgresException failure(String what) {
        return new EmbeddedPostgresException(what, "The server's log ends with:\n" + logTail(), null, null);
    }

    private static boolean hasExited(Process process, long timeoutMillis) {
        try {
            return process.waitFor(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }
}
