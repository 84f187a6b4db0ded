package dev.replicator.cli.demo;

import dev.replicator.cli.admin.RunningSyncs;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.cli.demo.shakespeare.Shakespeare;
import dev.replicator.cli.status.StatusText;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.Listener.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of the demo: starts servers and the replicator, plays the script, shows the live status, removes everything.
 *
 * <p>Guarantees: after {@link #close}, and after Ctrl-C, no server runs and no file is left. What a killed demo leaves
 * is removed by the next one.
 *
 * <p>Thread: that of the command, and one more that closes on Ctrl-C.
 */
final class Demo implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final long GLANCE_MILLIS = 20;
    private static final long REFRESH_MILLIS = 1000;

    private final Screen screen;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread atExit = new Thread(this::closeAtExit, "demo-exit");
    private final List<Master> masters = new ArrayList<>();
    private @Nullable Path directory;
    private @Nullable Stage stage;
    private @Nullable InProcessDaemon daemon;
    private @Nullable RunningDemo running;
    private volatile boolean staying;

    Demo(Screen screen) {
        this.screen = screen;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The command's exit code. */
    int run(boolean once, boolean oneCluster) throws IOException, SQLException, InterruptedException {
        screen.title("Three PostgreSQL masters replicate the works of Shakespeare");
        Path own = Files.createTempDirectory("replicator-demo-");
        directory = own;
        DemoLog.to(own.resolve("replicator.log"));
        Stage databases = prepare(oneCluster);
        Path config = own.resolve("sync.yaml");
        Files.writeString(config, DemoConfig.yaml(databases));
        Configuration configuration = ConfigurationReader.read(config, Environment.ofProcess());
        grant(databases, configuration);
        RunningSyncs replicator = startDaemon(configuration);
        for (String name : Stage.DATABASES) {
            masters.add(Master.connect(name, databases.jdbcUrl(name, Stage.OWNER)));
        }
        new Script(screen, masters, replicator, new ConflictReader(databases)).run();
        summarize();
        if (!once) {
            stay(databases, replicator, config);
        }
        return status();
    }

    private Stage prepare(boolean oneCluster) {
        screen.working("starting PostgreSQL " + Stage.VERSION);
        long start = System.nanoTime();
        Stage databases = Stage.open(oneCluster);
        stage = databases;
        String servers = oneCluster ? "one server with three databases" : "three servers";
        screen.progress("PostgreSQL " + Stage.VERSION + ": " + servers + " started", since(start));

        screen.working("loading the tables");
        start = System.nanoTime();
        Shakespeare data = Shakespeare.generate();
        databases.load(data);
        screen.progress(
                String.format(Locale.ROOT, "six tables with %,d rows loaded into each database", data.rows()),
                since(start));
        return databases;
    }

    private void grant(Stage databases, Configuration configuration) {
        screen.working("granting");
        long start = System.nanoTime();
        DemoGrants.apply(databases, configuration);
        screen.progress(
                "the script of \"replicator check --sql\" run: role replicator has what it needs", since(start));
    }

    private RunningSyncs startDaemon(Configuration configuration) throws InterruptedException {
        screen.working("starting the sync");
        long start = System.nanoTime();
        InProcessDaemon started = InProcessDaemon.start(configuration);
        daemon = started;
        RunningSyncs replicator = started.syncs();
        while (!isStreaming(replicator)) {
            if (since(start).compareTo(START_PATIENCE) > 0) {
                status(replicator).forEach(screen::say);
                throw ReplicatorException.fatal(
                        ErrorCode.DEMO,
                        "could not start the sync within " + START_PATIENCE.toSeconds() + " seconds",
                        DemoLog.tail(),
                        null);
            }
            ended.await(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
        }
        screen.progress("sync bard streams: slots, publications and schema replicator are made", since(start));
        return replicator;
    }

    private static List<String> status(RunningSyncs replicator) {
        StatusText text = new StatusText(Instant.now(), sync -> null);
        return text.render(replicator.status()).lines().toList();
    }

    private static boolean isStreaming(RunningSyncs replicator) {
        List<DatabaseStatus> databases = replicator.status().get(0).databases();
        return !databases.isEmpty()
                && databases.stream()
                        .allMatch(d -> d.source() != null
                                && d.source().state() == State.STREAMING
                                && d.target() != null
                                && d.target().state() == State.STREAMING);
    }

    private void summarize() {
        screen.title(
                screen.failures() == 0
                        ? "All " + screen.checks() + " checks were true."
                        : screen.failures() + " of " + screen.checks() + " checks were NOT true. The log ends with:\n"
                                + DemoLog.tail());
    }

    private void stay(Stage databases, RunningSyncs replicator, Path config) throws IOException, InterruptedException {
        Map<String, String> urls = new LinkedHashMap<>();
        Stage.DATABASES.forEach(name -> urls.put(name, databases.jdbcUrl(name, Stage.OWNER)));
        RunningDemo here = RunningDemo.ofThisProcess(config.toString(), urls);
        here.write(RunningDemo.directory());
        running = here;
        staying = true;
        Suggestions.print(screen, databases, config);
        List<String> last = List.of();
        do {
            List<String> lines = status(replicator);
            if (screen.isTerminal() || !lines.equals(last)) {
                screen.live(lines);
            }
            last = lines;
        } while (!ended.await(REFRESH_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Ends everything in the order in which it depends on each other. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        ended.countDown();
        InProcessDaemon replicator = daemon;
        if (replicator != null) {
            replicator.close();
        }
        masters.forEach(Master::close);
        Stage databases = stage;
        if (databases != null) {
            databases.close();
        }
        deleteFiles();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // The hook itself is what runs.
        }
    }

    private void closeAtExit() {
        screen.title("Stopping; servers and files of the demo are removed.");
        try {
            close();
        } catch (RuntimeException e) {
            // Nobody is left to be told; the next demo cleans up.
        }
        if (staying) {
            // Ctrl-C is how it is meant to end.
            Runtime.getRuntime().halt(status());
        }
    }

    private int status() {
        return screen.failures() == 0 ? 0 : ErrorCode.DEMO.exitCode();
    }

    private void deleteFiles() {
        try {
            RunningDemo here = running;
            if (here != null) {
                here.forget(RunningDemo.directory());
            }
            DemoLog.close();
            Path own = directory;
            if (own != null && Files.exists(own)) {
                try (Stream<Path> files = Files.walk(own)) {
                    for (Path file :
                            files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        } catch (IOException e) {
            screen.note("Some files could not be deleted: " + e);
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
