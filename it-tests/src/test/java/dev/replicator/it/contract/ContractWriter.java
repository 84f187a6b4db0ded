package dev.replicator.it.contract;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.model.Operation;
import dev.replicator.spi.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A process that writes batches without pause: each of them sets all rows of a table to its number. */
final class ContractWriter {
    static final int ROWS = 300;

    private final Process process;
    private final Path log;

    private ContractWriter(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static ContractWriter start(Path folder, Place place, List<String> options) {
        Path log = folder.resolve("batches.txt");
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ContractWriter.class.getName(),
                folder.toString(),
                place.url(),
                Objects.requireNonNullElse(place.user(), ""),
                Objects.requireNonNullElse(place.password(), ""),
                Objects.requireNonNullElse(place.driverUrl(), ""),
                String.join(", ", options));
        try {
            Files.writeString(log, "");
            return new ContractWriter(
                    new ProcessBuilder(line)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("writer.log").toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Path own = Files.createTempDirectory(folder, "writer");
        Place place = new Place(arguments[1], orNull(arguments[2]), orNull(arguments[3]), orNull(arguments[4]));
        ContractDatabase database = new ContractDatabase(own, place, arguments[5]);
        ContractTable accounts = new ContractTable(0, "accounts", 1, "id int4", "batch int4");
        Operation[] operations = new Operation[ROWS];
        try (Target target = database.open(accounts)) {
            target.start();
            for (long number = 1; ; number++) {
                for (int id = 0; id < ROWS; id++) {
                    operations[id] = accounts.upsert(String.valueOf(id), String.valueOf(number));
                }
                target.write(ContractDatabase.batch(number, operations));
                Files.writeString(
                        folder.resolve("batches.txt"),
                        number + "\n",
                        StandardCharsets.US_ASCII,
                        StandardOpenOption.APPEND);
            }
        }
    }

    private static @Nullable String orNull(String argument) {
        return argument.isEmpty() ? null : argument;
    }

    /** The last batch that the target has said to be written. */
    long acknowledged() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? 0 : Long.parseLong(lines.get(lines.size() - 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitBatches(long number) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(Files.readString(log.resolveSibling("writer.log"), StandardCharsets.UTF_8));
            }
            return acknowledged() >= number;
        });
    }

    void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the writer goes on without its server");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }
}
