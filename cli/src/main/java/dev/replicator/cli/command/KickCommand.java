package dev.replicator.cli.command;

import dev.replicator.model.SyncSpec;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator kick SYNC}. */
@Command(
        name = "kick",
        description = {
            "Makes a sync act now: reconnects what is away, applies what waits, and copies the tables whole to the databases"
                    + " under fullcopy.",
            "Returns when everything committed before the call is applied everywhere; on a paused sync it says so. Full"
                    + " copies are waited for as long as they take; Ctrl-C ends the waiting, not the copies."
        },
        footer = {"", "Example:", "  replicator kick bard --timeout 5min"},
        mixinStandardHelpOptions = true)
public final class KickCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private CatchUpOption catchUp = new CatchUpOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String sync = catchUp.sync();
        SyncSpec configured = config.read().sync(sync);
        PrintWriter out = spec.commandLine().getOut();
        if (configured.replicates()) {
            long start = System.nanoTime();
            catchUp.kick(config);
            out.println("sync \"" + sync + "\": everything committed before is applied everywhere ("
                    + (System.nanoTime() - start) / 1_000_000 + " ms)");
            out.flush();
        }
        if (configured.fullCopy() != null) {
            new FullCopyWait(RunningProcess.require(config), sync, out).run();
        }
        return 0;
    }
}
