package dev.replicator.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One server's data directory: made by copying a template, as {@code initdb} takes five times as long. Settings lie in
 * a file of their own that {@code postgresql.conf} includes, so that {@code ALTER SYSTEM} still overrules them.
 */
final class DataDirectory {

    private static final String SETTINGS_FILE = "embedded.conf";
    private static final int STATUS_LINE = 7;

    private final Path path;

    DataDirectory(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** Copies the template of this version here, unless a cluster is already here. */
    void createIfMissing(PostgresBinaries binaries) throws IOException {
        if (Files.exists(path.resolve("PG_VERSION"))) {
            return;
        }
        Path template = binaries.templateDirectory();
        OnceOnly.create(template, directory -> initialize(binaries, directory));
        FileTree.copy(template.resolve("data"), path);
        SystemIdentifier.renew(path);
        Account.current().own(path);
    }

    void writeSettings(Map<String, String> settings) throws IOException {
        StringBuilder text = new StringBuilder();
        settings.forEach((name, value) -> text.append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        Files.writeString(path.resolve(SETTINGS_FILE), text);
        Account.current().own(path.resolve(SETTINGS_FILE));
    }

    /** Process id of the postmaster that has locked this directory, if one has; it need not live any more. */
    OptionalLong postmasterPid() throws IOException {
        List<String> lines = lockFile();
        return lines.isEmpty() || !lines.get(0).matches("[0-9]+")
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(lines.get(0)));
    }

    /** Whether the postmaster that has locked this directory accepts connections. */
    boolean isReady() throws IOException {
        List<String> lines = lockFile();
        return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
    }

    private List<String> lockFile() throws IOException {
        try {
            return Files.readAllLines(path.resolve("postmaster.pid"), StandardCharsets.UTF_8);
        } catch (NoSuchFileException notRunning) {
            return List.of();
        }
    }

    private static void initialize(PostgresBinaries binaries, Path directory) throws IOException {
        Account.current().own(directory);
        Path data = directory.resolve("data");
        boolean linux = System.getProperty("os.name").startsWith("Linux");
        List<String> arguments = List.of(
                "-D",
                data.toString(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=" + (linux ? "C.UTF-8" : "C"));
        Process process = new ProcessBuilder(Account.current().command(binaries.program("initdb"), arguments))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new EmbeddedPostgresException(
                        "could not initialize a data directory for PostgreSQL " + binaries.majorVersion(),
                        output,
                        null,
                        null);
            }
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while initdb ran", interruption);
        }
        Files.writeString(
                data.resolve("postgresql.conf"),
                "\ninclude_if_exists = '" + SETTINGS_FILE + "'\n",
                StandardOpenOption.APPEND);
    }
}
