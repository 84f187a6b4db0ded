package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Detaching;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator attach DB}. */
@Command(
        name = "attach",
        description = {
            "Takes back a database that was detached, in every sync it belongs to: it joins anew, and gets and gives what is"
                    + " committed from now on.",
            "What differs by then is shown by \"compare\" and mended by \"repair\", while everything is written; the commands are"
                    + " printed. All PostgreSQL databases of these syncs have to answer. May be repeated."
        },
        footer = {"", "Example:", "  replicator attach shake3"},
        mixinStandardHelpOptions = true)
public final class AttachCommand implements Callable<Integer> {
    @Mixin
    private DatabaseChoice choice = new DatabaseChoice();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        PrintWriter out = spec.commandLine().getOut();
        List<Detaching> detached = choice.detaching(configuration, line -> {}).stream()
                .filter(Detaching::isDetached)
                .toList();
        if (detached.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, "database \"" + choice.database() + "\" is not detached", null, null);
        }
        choice.run("attach", configuration, Detaching::attach, out);
        detached.forEach(each -> each.afterAttach().forEach(out::println));
        out.flush();
        return 0;
    }
}
