package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;

/** For commands that make no sense without the running process. */
final class RunningProcess {
    private RunningProcess() {}

    static AdminClient require(ConfigOption config) {
        return config.runningProcess()
                .orElseThrow(() -> ReplicatorException.fatal(
                        ErrorCode.ADMIN,
                        "no process is running with configuration file \"" + config.file() + "\"",
                        "None of this user answers on this machine.",
                        "Start it: replicator run --config " + config.file()));
    }
}
