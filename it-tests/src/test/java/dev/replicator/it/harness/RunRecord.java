package dev.replicator.it.harness;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a run has exercised so far.
 *
 * @param started how many servers of each PostgreSQL version
 * @param ran tests, as {@code Class.method}
 * @param skipped tests, each with its reason
 */
record RunRecord(SortedMap<Integer, Integer> started, SortedSet<String> ran, SortedSet<String> skipped) {
    private static final ObjectMapper JSON = new ObjectMapper();

    boolean tellsSomething() {
        return !started.isEmpty() || !skipped.isEmpty();
    }

    /** Keeps this record of this process in a directory, and adds up all that are there. */
    RunRecord amongAll(Path directory) {
        try {
            Files.createDirectories(directory);
            replace(directory.resolve(ProcessHandle.current().pid() + ".json"), JSON.writeValueAsString(this));
            RunRecord all = new RunRecord(new TreeMap<>(), new TreeSet<>(), new TreeSet<>());
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(name -> name.toString().endsWith(".json")).toList()) {
                    RunRecord one = JSON.readValue(Files.readString(file), new TypeReference<>() {});
                    one.started.forEach((version, count) -> all.started.merge(version, count, Integer::sum));
                    all.ran.addAll(one.ran);
                    all.skipped.addAll(one.skipped);
                }
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Readers see the old text or the new one. */
    static void replace(Path file, String text) {
        Path written = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.writeString(written, text);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
