package dev.replicator.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that people install: unpacked and used, without anything of the source tree. */
class DistributionIT {
    private static final long MINUTES = 3;

    @TempDir
    static Path directory;

    private static Path installed;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        Path archive = only(Path.of("target"), "replicator-*.tar.gz");
        assertThat(run("tar", "xf", archive.toAbsolutePath().toString(), "-C", directory.toString()).code)
                .isZero();
        installed = only(directory, "replicator-*");
    }

    @Test
    void theCommandRunsThroughALink() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("replicator"), installed.resolve("bin/replicator"));
        assertThat(run(link.toString(), "--version").out).contains("replicator ");
    }

    @Test
    void theDemoConverges() throws IOException, InterruptedException {
        Ended demo = run(launcher(), "demo", "--once", "--one-cluster");
        assertThat(demo.code).as(demo.out).isZero();
        assertThat(demo.out).contains("one server with three databases started");
    }

    @Test
    void aMistakeInTheConfigurationHasItsExitCode() throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("sync.yaml"), "databases:\n  a: { ulr: nowhere }\n");
        Ended check = run(launcher(), "check", "--config", file.toString());
        assertThat(check.code).isEqualTo(3);
        assertThat(check.out).contains("sync.yaml:2", "ulr", "url");
    }

    @Test
    void shellsTakeTheCompletion() throws IOException, InterruptedException {
        Path script = installed.resolve("completion/replicator.bash");
        Ended completed = run("bash", "-c", "source " + script + """
                 && COMP_WORDS=(replicator qua) COMP_CWORD=1 COMP_LINE='replicator qua'
                _complete_replicator && echo "${COMPREPLY[@]}"
                """);
        assertThat(completed.out).contains("quarantine");
        assertThat(installed.resolve("completion/replicator.fish")).content().contains("-a quarantine");
    }

    @Test
    void everyCommandHasAManualPage() throws IOException {
        List<String> pages;
        try (Stream<Path> files = Files.list(installed.resolve("man/man1"))) {
            pages = files.map(file -> file.getFileName().toString()).toList();
        }
        assertThat(pages).contains("replicator.1", "replicator-run.1", "replicator-slot-create.1");
        assertThat(installed.resolve("man/man1/replicator-run.1"))
                .content()
                .contains(".TH \"REPLICATOR\\-RUN\" \"1\"", "\\-\\-config");
    }

    @Test
    void theServiceAndTheContainerStartWhatIsInstalled() {
        assertThat(installed.resolve("systemd/replicator.service"))
                .content()
                .contains("ExecStart=/opt/replicator/bin/replicator run --config");
        assertThat(installed.resolve("container/Containerfile")).content().contains("COPY lib /opt/replicator/lib");
        assertThat(installed.resolve("conf/sync.yaml")).isRegularFile();
        assertThat(installed.resolve("LICENSE")).isRegularFile();
    }

    private record Ended(int code, String out) {}

    private static String launcher() {
        return installed.resolve("bin/replicator").toString();
    }

    /** Runs a command with a home of its own; what it says on both streams. */
    private static Ended run(String... words) throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(words)))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("did not end: " + Files.readString(out));
        }
        return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    }

    private static Path only(Path parent, String glob) throws IOException {
        try (var found = Files.newDirectoryStream(parent, glob)) {
            return found.iterator().next();
        }
    }
}
