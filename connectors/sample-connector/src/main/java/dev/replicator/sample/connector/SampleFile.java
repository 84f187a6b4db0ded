package dev.replicator.sample.connector;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The properties file: changed as a whole or not at all, by one process at a time. */
final class SampleFile {
    private final Path path;
    private final Path folder;

    SampleFile(Path path) {
        this.path = path;
        this.folder = Objects.requireNonNull(path.getParent(), "a file is in a folder");
    }

    /** Parts joined by bars; bars in them are escaped. */
    static String key(String... parts) {
        return Arrays.stream(parts)
                .map(part -> part.replace("\\", "\\\\").replace("|", "\\b"))
                .collect(Collectors.joining("|"));
    }

    void check() {
        if (!Files.isDirectory(folder)) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot write to \"" + path + "\"",
                    "There is no such folder.",
                    "Create it, or correct the url.");
        }
    }

    Map<String, String> read() {
        Map<String, String> lines = new HashMap<>();
        if (!Files.exists(path)) {
            return lines;
        }
        try (Reader in = new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8)) {
            Properties properties = new Properties();
            properties.load(in);
            properties.stringPropertyNames().forEach(name -> lines.put(name, properties.getProperty(name)));
            return lines;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Reads it, lets {@code change} change it, and replaces it; if that throws, nothing is changed. */
    <T> T change(Function<Map<String, String>, T> change) {
        Path lockFile = path.resolveSibling(path.getFileName() + ".lock");
        try (FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // Held until the channel is closed.
            if (lock.lock().isShared()) {
                throw new IllegalStateException("the lock is shared");
            }
            Map<String, String> lines = read();
            T result = change.apply(lines);
            replace(lines);
            return result;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void replace(Map<String, String> lines) throws IOException {
        Properties properties = new Properties();
        properties.putAll(lines);
        StringWriter text = new StringWriter();
        properties.store(text, null);
        Path next = path.resolveSibling(path.getFileName() + ".next");
        try (FileChannel out = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel names = FileChannel.open(folder)) {
            names.force(true);
        }
    }

    private ReplicatorException failed(IOException e) {
        return new ReplicatorException(
                Kind.RETRYABLE, ErrorCode.DISK, "could not read or write \"" + path + "\"", e.getMessage(), null, e);
    }
}
