package dev.replicator.cli.demo;

import dev.replicator.error.ReplicatorException;
import java.nio.file.Path;

/** The replicator in this process, as {@code replicator run} starts it. */
final class InProcessDaemon {
    private InProcessDaemon() {}

    static Daemon start(Path config) {
        throw ReplicatorException.bug("the demo cannot start a sync yet", "The configuration is " + config + ".");
    }
}
