package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator resume SYNC}. */
@Command(
        name = "resume",
        description = {
            "Ends a pause.",
            "What was committed meanwhile is applied now; rows changed on several masters are resolved as always."
        },
        footer = {"", "Example:", "  replicator resume bard"},
        mixinStandardHelpOptions = true)
public final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        configuration.sync(sync);
        PrintWriter out = spec.commandLine().getOut();
        Optional<AdminClient> running = config.runningProcess();
        if (running.isPresent()) {
            running.get().resume(sync);
            out.println("sync \"" + sync + "\" is running");
        } else {
            boolean was = StoredPause.of(configuration)
                    .clear(configuration.sync(sync), spec.commandLine().getErr());
            out.println(
                    was
                            ? "sync \"" + sync + "\" is no longer marked as paused; no process is running"
                            : "sync \"" + sync + "\" was not paused; no process is running");
        }
        out.flush();
        return 0;
    }
}
