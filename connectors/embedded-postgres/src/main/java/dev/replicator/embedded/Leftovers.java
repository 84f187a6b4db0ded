package dev.replicator.embedded;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends and deletes what Java processes that were themselves killed have left: servers still running, and their
 * directories. Each server directory names the process that it belongs to; only those of dead processes are touched.
 */
final class Leftovers {

    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final String OWNER_FILE = "owner";
    private static final Duration UNOWNED_AGE = Duration.ofMinutes(10);
    private static final Duration START_TOLERANCE = Duration.ofSeconds(5);

    private static boolean swept;

    private Leftovers() {}

    /** Marks a server directory as belonging to this process. */
    static void claim(Path serverDirectory) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        Instant start = self.info().startInstant().orElse(Instant.EPOCH);
        Files.writeString(serverDirectory.resolve(OWNER_FILE), self.pid() + "\n" + start.toEpochMilli() + "\n");
    }

    /** Once per process. Never fails: what cannot be cleaned up is in nobody's way. */
    static synchronized void sweep(Path serversDirectory) {
        if (swept) {
            return;
        }
        swept = true;
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(serversDirectory)) {
            for (Path directory : directories) {
                if (isAbandoned(directory)) {
                    remove(directory);
                }
            }
        } catch (IOException | RuntimeException failure) {
            LOG.debug("could not clean up {}", serversDirectory, failure);
        }
    }

    private static boolean isAbandoned(Path directory) throws IOException {
        Path ownerFile = directory.resolve(OWNER_FILE);
        List<String> lines = Files.exists(ownerFile) ? Files.readAllLines(ownerFile) : List.of();
        if (lines.size() < 2) {
            Instant modified = Files.getLastModifiedTime(directory).toInstant();
            return modified.isBefore(Instant.now().minus(UNOWNED_AGE));
        }
        Optional<ProcessHandle> owner = ProcessHandle.of(Long.parseLong(lines.get(0)));
        if (owner.isEmpty()) {
            return true;
        }
        Instant recorded = Instant.ofEpochMilli(Long.parseLong(lines.get(1)));
        Instant actual = owner.get().info().startInstant().orElse(recorded);
        return Duration.between(recorded, actual).abs().compareTo(START_TOLERANCE) > 0;
    }

    private static void remove(Path directory) throws IOException {
        Path data = directory.resolve("data");
        OptionalLong pid = new DataDirectory(data).postmasterPid();
        if (pid.isPresent()) {
            ProcessHandle.of(pid.getAsLong())
                    .filter(process -> isPostmasterOf(process, data))
                    .ifPresent(process -> new ProcessTree(process, process).kill());
        }
        FileTree.delete(directory);
        LOG.info("removed the PostgreSQL server that a killed process had left in {}", directory);
    }

    private static boolean isPostmasterOf(ProcessHandle process, Path data) {
        return process.info().arguments().map(List::of).orElse(List.of()).contains(data.toString());
    }
}
