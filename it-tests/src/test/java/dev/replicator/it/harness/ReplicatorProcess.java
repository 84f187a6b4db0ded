package dev.replicator.it.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program as a process of its own, as users run it. Thread: any. */
public final class ReplicatorProcess implements AutoCloseable {
    private static final long SECONDS = 60;

    private final Process process;
    private final Path err;

    /** A command that ended. */
    public record Ended(int code, String out, String err) {}

    private ReplicatorProcess(Process process, Path err) {
        this.process = process;
        this.err = err;
    }

    static ReplicatorProcess start(String memory, Path directory, String... words) {
        try {
            Path err = Files.createTempFile(directory, "err-", ".log");
            Process process = new ProcessBuilder(line(memory, words))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(err.toFile()))
                    .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()))
                    .start();
            return new ReplicatorProcess(process, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ended run(Path directory, String... words) {
        try {
            Path out = Files.createTempFile(directory, "out-", ".txt");
            Path err = Files.createTempFile(directory, "err-", ".txt");
            Process process = new ProcessBuilder(line("128m", words))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(words) + " did not end: " + Files.readString(err));
            }
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> line(String memory, String... words) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + memory,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dreplicator.connectors=" + System.getProperty("replicator.connectors", ""),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.replicator.cli.Main"));
        line.addAll(List.of(words));
        return line;
    }

    /** SIGKILL. Returns when it is gone. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** SIGTERM. Returns its exit code. */
    public int terminate() {
        process.destroy();
        return await();
    }

    /** SIGHUP, which systemd sends for a reload. */
    public void hangUp() {
        signal("HUP");
    }

    /** SIGSTOP. */
    public void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void unfreeze() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for its end; returns the exit code. */
    public int await() {
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the process did not end: " + log());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /** Fails with the log of a process that has ended: what a wait for it gives up with. */
    public void assertRunning() {
        assertThat(isRunning()).as("the process ended: %s", log()).isTrue();
    }

    /** What it has logged so far. */
    public String log() {
        try {
            return Files.readString(err, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        await();
    }
}
