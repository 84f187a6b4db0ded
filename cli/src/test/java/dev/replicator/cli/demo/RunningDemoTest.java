package dev.replicator.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningDemoTest {
    private static final Map<String, String> URLS =
            Map.of("shake1", "jdbc:postgresql://127.0.0.1:1/shake1", "shake2", "jdbc:postgresql://127.0.0.1:2/shake2");

    @TempDir
    Path directory;

    @Test
    void aRunningDemoIsFound() throws IOException {
        RunningDemo demo = RunningDemo.ofThisProcess("/tmp/sync.yaml", URLS);
        demo.write(directory);
        assertThat(RunningDemo.find(directory)).isEqualTo(demo);
        assertThat(RunningDemo.find(directory).url("shake2")).endsWith("/shake2");
    }

    @Test
    void onlyItsUserCanReadTheFile() throws IOException {
        Path mine = directory.resolve("mine");
        RunningDemo.ofThisProcess("", URLS).write(mine);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(mine)))
                .isEqualTo("rwx------");
        Path file = mine.resolve("demo-" + ProcessHandle.current().pid() + ".properties");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void theFileOfAProcessThatIsGoneCountsForNothing() throws IOException, InterruptedException {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Path file = directory.resolve("demo-" + ended.pid() + ".properties");
        Files.writeString(file, "config=x\n");
        assertThatThrownBy(() -> RunningDemo.find(directory)).hasMessage("no demo is running");
        assertThat(file).doesNotExist();
    }

    @Test
    void withoutADemoTheErrorSaysHowToStartOne() {
        assertThatThrownBy(() -> RunningDemo.find(directory.resolve("nothing")))
                .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.DEMO);
                    assertThat(e.hint()).contains("replicator demo");
                });
    }

    @Test
    void anUnknownDatabaseIsAnsweredWithTheKnownOnes() {
        RunningDemo demo = RunningDemo.ofThisProcess("", URLS);
        assertThatThrownBy(() -> demo.url("shake9"))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.hint()).contains("shake1, shake2"));
    }

    @Test
    void aForgottenDemoIsNotFound() throws IOException {
        RunningDemo demo = RunningDemo.ofThisProcess("", URLS);
        demo.write(directory);
        demo.forget(directory);
        assertThatThrownBy(() -> RunningDemo.find(directory)).hasMessage("no demo is running");
    }
}
