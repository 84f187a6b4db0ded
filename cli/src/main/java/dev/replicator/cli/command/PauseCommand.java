package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator pause SYNC}. */
@Command(
        name = "pause",
        description = {
            "Stops a sync from writing, until \"replicator resume\".",
            "Returns when nothing more will be written. What is committed on the sources meanwhile is kept there and applied"
                    + " afterwards. The pause is stored in the databases: it survives a restart, and works when no process"
                    + " runs."
        },
        footer = {"", "Example:", "  replicator pause bard"},
        mixinStandardHelpOptions = true)
public final class PauseCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = SpanConverter.class,
            description = "How long to wait for what is being written. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        configuration.sync(sync);
        PrintWriter out = spec.commandLine().getOut();
        Optional<AdminClient> running = config.runningProcess();
        if (running.isPresent()) {
            running.get().pause(sync, timeout);
            out.println("sync \"" + sync + "\" is paused");
        } else {
            StoredPause.of(configuration)
                    .set(configuration.sync(sync), spec.commandLine().getErr());
            out.println("sync \"" + sync + "\" is marked as paused; no process is running");
        }
        out.flush();
        return 0;
    }
}
