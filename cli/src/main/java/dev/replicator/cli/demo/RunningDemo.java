package dev.replicator.cli.demo;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a running demo is to be found by {@code replicator demo sql}: a small file in a directory that only its user can
 * read, named after the demo's process. A file whose process is gone counts for nothing and is deleted by whoever meets
 * it.
 *
 * @param pid the demo's process
 * @param config its configuration file
 * @param urls JDBC URL by database name
 */
record RunningDemo(long pid, String config, SortedMap<String, String> urls) {
    private static final String PREFIX = "demo-";
    private static final String SUFFIX = ".properties";
    private static final String URL = "url.";

    static RunningDemo ofThisProcess(String config, Map<String, String> urls) {
        return new RunningDemo(ProcessHandle.current().pid(), config, new TreeMap<>(urls));
    }

    /** The per-user directory: {@code $XDG_RUNTIME_DIR/replicator}, else {@code ~/.cache/replicator/demo}. */
    static Path directory() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return runtime != null && !runtime.isEmpty() && Files.isWritable(Path.of(runtime))
                ? Path.of(runtime, "replicator")
                : Path.of(System.getProperty("user.home"), ".cache", "replicator", "demo");
    }

    /** Makes it known. */
    void write(Path directory) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("config", config);
        urls.forEach((database, url) -> properties.setProperty(URL + database, url));
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = file(directory);
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(writer, "a running replicator demo");
        }
    }

    void forget(Path directory) throws IOException {
        Files.deleteIfExists(file(directory));
    }

    private Path file(Path directory) {
        return directory.resolve(PREFIX + pid + SUFFIX);
    }

    /** The demo that was started last among those that run. */
    static RunningDemo find(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(RunningDemo::isDemoFile)
                        .sorted(newestFirst())
                        .toList()) {
                    RunningDemo demo = read(file);
                    if (demo != null) {
                        return demo;
                    }
                }
            }
        }
        throw ReplicatorException.fatal(
                ErrorCode.DEMO,
                "no demo is running",
                "No running process is named in \"" + directory + "\".",
                "Start \"replicator demo\" in another terminal, as the same user, and leave it running.");
    }

    /** Its JDBC URL of one database. */
    String url(String database) {
        String url = urls.get(database);
        if (url == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.DEMO,
                    "the demo has no database \"" + database + "\"",
                    null,
                    "Its databases are " + String.join(", ", urls.keySet()) + ".");
        }
        return url;
    }

    private static boolean isDemoFile(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    private static Comparator<Path> newestFirst() {
        return Comparator.comparing((Path file) -> file.toFile().lastModified()).reversed();
    }

    private static @Nullable RunningDemo read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        long pid = Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
        if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
            Files.deleteIfExists(file);
            return null;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        SortedMap<String, String> urls = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(URL)) {
                urls.put(key.substring(URL.length()), properties.getProperty(key));
            }
        }
        return new RunningDemo(pid, properties.getProperty("config", ""), urls);
    }
}
