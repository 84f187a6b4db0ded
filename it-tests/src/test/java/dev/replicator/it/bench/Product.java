package dev.replicator.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This program as users run it: {@code replicator run} as a process of its own.
 *
 * <p>It is halted by stopping the process and cutting its connections to the source, as a broken network would, so that
 * nothing of what is to be measured has been read before it goes on.
 */
final class Product implements Contender {
    private static final String SYNC = "bench";

    private final String name;
    private final List<Cluster> sources;
    private final List<Cluster> targets;
    private final String database;
    private final String foreignOrigins;
    private final Launch launch;
    private final Path directory;
    private @Nullable Process process;
    private double cpuOfEnded;
    private long peakOfEnded;

    /**
     * How it is started.
     *
     * @param command the program
     * @param javaOptions for instance {@code -Xmx256m}
     */
    record Launch(Path command, String javaOptions) {}

    Product(
            String name,
            List<Cluster> sources,
            List<Cluster> targets,
            String database,
            String foreignOrigins,
            Launch launch) {
        this.name = name;
        this.sources = sources;
        this.targets = targets;
        this.database = database;
        this.foreignOrigins = foreignOrigins;
        this.launch = launch;
        try {
            this.directory = Files.createTempDirectory("replicator-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Starts it once, so that its slots are there. */
    @Override
    public void prepare() {
        begin();
        halt();
    }

    private void begin() {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            launch.command().toString(), "run", "--config", file().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().put("JAVA_OPTS", launch.javaOptions());
            builder.environment().put("REPLICATOR_BUILD", "never");
            Process started = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly, "end-replicator"));
            process = started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sources.forEach(source -> Waiting.until(() -> isStreaming(source), "it streams; its log is " + log()));
    }

    private boolean isStreaming(Cluster source) {
        Process started = process;
        if (started == null || !started.isAlive()) {
            throw new IllegalStateException(launch.command() + " ended; its log is " + log());
        }
        // A slot that is being made is active, too, and has nothing yet of what is written then.
        return source.ask(
                        "postgres",
                        "SELECT 1 FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid"
                                + " WHERE slot_name LIKE '" + slots() + "' AND NOT temporary")
                != null;
    }

    private static String slots() {
        return "replicator\\_" + SYNC + "\\_%";
    }

    @Override
    public void go() {
        if (process == null) {
            begin();
            return;
        }
        signal("CONT");
        sources.forEach(source -> Slots.awaitActive(source, slots()));
    }

    @Override
    public void settle(String position) {
        Slots.awaitConfirmed(sources.get(0), slots(), position);
    }

    @Override
    public void halt() {
        signal("STOP");
        for (Cluster source : sources) {
            source.run(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database
                            + "' AND application_name LIKE 'replicator reads%'");
            Slots.awaitFree(source, slots());
        }
    }

    /** Ends the process; the next {@link #go} starts another one. */
    void end() {
        Process ended = process;
        if (ended == null) {
            return;
        }
        process = null;
        peakOfEnded = Math.max(peakOfEnded, Processes.peakMemoryBytes(ended.pid()));
        cpuOfEnded += Processes.cpuSeconds(ended.pid());
        signal(ended, "CONT");
        ended.destroy();
        try {
            if (!ended.waitFor(30, TimeUnit.SECONDS)) {
                ended.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        sources.forEach(source -> Slots.awaitFree(source, slots()));
    }

    private void signal(String signal) {
        Process running = process;
        if (running != null) {
            signal(running, signal);
        }
    }

    private static void signal(Process running, String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(running.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double cpuSeconds() {
        return cpuOfEnded + (process == null ? 0 : Processes.cpuSeconds(process.pid()));
    }

    @Override
    public long peakMemoryBytes() {
        return Math.max(peakOfEnded, process == null ? 0 : Processes.peakMemoryBytes(process.pid()));
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Path file() throws IOException {
        StringBuilder yaml = new StringBuilder("databases:\n");
        for (int i = 0; i < sources.size(); i++) {
            yaml.append(
                    "  s%d: { url: \"%s\" }\n".formatted(i + 1, sources.get(i).url(database)));
        }
        for (int i = 0; i < targets.size(); i++) {
            yaml.append(
                    "  t%d: { url: \"%s\" }\n".formatted(i + 1, targets.get(i).url(database)));
        }
        yaml.append(
                "syncs:\n  %s:\n    sources: %s\n    targets: %s\n    foreign_origins: %s\n    initial_copy: never\n"
                        .formatted(SYNC, names("s", sources.size()), names("t", targets.size()), foreignOrigins));
        return Files.writeString(directory.resolve("sync.yaml"), yaml);
    }

    private static List<String> names(String prefix, int count) {
        return java.util.stream.IntStream.rangeClosed(1, count)
                .mapToObj(i -> prefix + i)
                .toList();
    }

    @Override
    public void close() {
        end();
        try {
            new ProcessBuilder(launch.command().toString(), "remove", SYNC, "--yes", "--config", file().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start()
                    .waitFor();
            Files.deleteIfExists(directory.resolve("sync.yaml"));
            Files.deleteIfExists(log());
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
