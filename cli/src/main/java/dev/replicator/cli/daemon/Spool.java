package dev.replicator.cli.daemon;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory for spill files of this process; nothing in it outlives the process. Any thread. */
record Spool(Path directory) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    /** Makes one, where Java puts temporary files. */
    static Spool make() {
        try {
            return new Spool(Files.createTempDirectory("replicator-spool-"));
        } catch (IOException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.DISK,
                    "could not make a directory for spill files in " + System.getProperty("java.io.tmpdir"),
                    e.getMessage(),
                    "Another place: JAVA_OPTS=-Djava.io.tmpdir=DIRECTORY.",
                    e);
        }
    }

    /** Removes it. Never throws. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.debug("spill files are left in {}", directory, e);
        }
    }
}
