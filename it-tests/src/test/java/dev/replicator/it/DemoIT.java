package dev.replicator.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.embedded.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a newcomer runs it: a process of its own, with its own servers. */
class DemoIT {
    private static final Duration AT_MOST = Duration.ofSeconds(40);
    private static final Pattern CONFIG = Pattern.compile("--config (\\S+)");

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void everythingShownOnThreeServersIsTrue() throws IOException, InterruptedException {
        assertThat(once("demo", "--once")).contains("three servers started");
    }

    @Test
    void aRunningDemoCanBeAskedAndEndsWithoutATrace() throws IOException, InterruptedException {
        Path output = directory.resolve("demo");
        Process demo = start(output, "demo", "--one-cluster");
        await().atMost(AT_MOST).until(() -> Files.readString(output).contains("sync bard: running"));
        Matcher config = CONFIG.matcher(Files.readString(output));
        assertThat(config.find()).isTrue();

        String update = "UPDATE work SET title = 'The Scottish Play' WHERE workid = 'macbeth'";
        assertThat(run("demo", "sql", "shake1", update)).isEqualTo("1 row changed\n");
        String query = "SELECT title FROM work WHERE workid = 'macbeth'";
        await().atMost(AT_MOST).until(() -> run("demo", "sql", "shake3", query).contains("The Scottish Play"));
        assertThat(run("status", "--config", config.group(1)))
                .contains("shake1")
                .contains("streaming");

        demo.destroy();
        assertThat(demo.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(Path.of(config.group(1)).getParent()).doesNotExist();
        assertThat(directory.resolve("runtime/replicator"))
                .satisfiesAnyOf(
                        place -> assertThat(place).doesNotExist(),
                        place -> assertThat(place).isEmptyDirectory());
    }

    private String once(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("demo");
        Process demo = start(output, arguments);
        boolean ended = demo.waitFor(AT_MOST.toSeconds(), TimeUnit.SECONDS);
        String text = Files.readString(output);
        assertThat(ended).as("ended in time:\n%s", text).isTrue();
        assertThat(demo.exitValue()).as(text).isZero();
        assertThat(text)
                .contains("5. All tables of the three masters are equal")
                .doesNotContain("NOT TRUE");
        assertThat(text).containsPattern("All \\d+ checks were true\\.");
        assertThat(text).doesNotContain("\u001b");
        return text;
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "command", "");
        Process command = start(output, arguments);
        assertThat(command.waitFor(AT_MOST.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(command.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    private Process start(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-D" + PostgresBinaries.DIRECTORY_PROPERTY + "="
                        + System.getProperty(PostgresBinaries.DIRECTORY_PROPERTY, ""),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.replicator.cli.Main"));
        Stream.of(arguments).forEach(command::add);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Path runtime = Files.createDirectories(directory.resolve("runtime"));
        builder.environment().put("XDG_RUNTIME_DIR", runtime.toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }
}
