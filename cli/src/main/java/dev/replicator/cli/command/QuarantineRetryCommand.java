package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator quarantine retry SYNC}. */
@Command(
        name = "retry",
        description = {
            "Has the running process try everything again at once that a sync has put aside.",
            "Returns when that is done; exits with 1 when something is still refused."
        },
        footer = {"", "Example:", "  replicator quarantine retry bard"},
        mixinStandardHelpOptions = true)
public final class QuarantineRetryCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private CatchUpOption catchUp = new CatchUpOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String sync = catchUp.sync();
        Configuration configuration = config.read();
        configuration.sync(sync);
        catchUp.kick(config);
        int left = 0;
        for (var database :
                QuarantineChoice.databases(configuration, sync, null).values()) {
            left += QuarantineChoice.read(database, quarantine -> quarantine.list(sync, null))
                    .size();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                left == 0
                        ? "sync \"" + sync + "\": nothing is put aside any more"
                        : "sync \"" + sync + "\": " + left + (left == 1 ? " change is" : " changes are")
                                + " still refused; \"replicator quarantine list " + sync + "\" shows them");
        out.flush();
        return left == 0 ? 0 : 1;
    }
}
