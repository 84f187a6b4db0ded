package dev.replicator.file;

import dev.replicator.codec.PauseText;
import dev.replicator.spi.PauseMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** The pause of a sync, in a file of its own. Thread: one. */
final class PauseFile {
    private final Path file;

    PauseFile(Path file) {
        this.file = file;
    }

    Optional<PauseMark> read() throws IOException {
        return Files.exists(file) ? PauseText.parse(Files.readString(file)) : Optional.empty();
    }

    void write(PauseMark mark) throws IOException {
        Path begun = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(begun, PauseText.of(mark));
        Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
