package dev.replicator.cli.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator kick SYNC}. */
@Command(
        name = "kick",
        description = {
            "Makes a sync act now: reconnects what is away, applies what waits.",
            "Returns when everything committed before the call is applied everywhere; on a paused sync it says so."
        },
        footer = {"", "Example:", "  replicator kick bard --timeout 5min"},
        mixinStandardHelpOptions = true)
public final class KickCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = SpanConverter.class,
            description = "How long to wait. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        config.read().sync(sync);
        long start = System.nanoTime();
        RunningProcess.require(config).kick(sync, timeout);
        PrintWriter out = spec.commandLine().getOut();
        out.println("sync \"" + sync + "\": everything committed before is applied everywhere ("
                + (System.nanoTime() - start) / 1_000_000 + " ms)");
        out.flush();
        return 0;
    }
}
