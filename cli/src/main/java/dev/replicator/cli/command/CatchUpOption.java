package dev.replicator.cli.command;

import java.time.Duration;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The sync that is to catch up, and how long that is waited for. */
final class CatchUpOption {
    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = SpanConverter.class,
            description = "How long to wait until everything is applied. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    String sync() {
        return sync;
    }

    /** Has the running process act now; returns when everything committed before is applied everywhere. */
    void kick(ConfigOption config) {
        RunningProcess.require(config).kick(sync, timeout);
    }
}
