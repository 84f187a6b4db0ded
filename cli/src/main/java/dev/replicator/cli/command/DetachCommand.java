package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Detaching;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator detach DB}. */
@Command(
        name = "detach",
        description = {
            "Gives a database up for now, in every sync that reads or writes it: the others go on without it and keep no log"
                    + " for it any more. For a server that is gone for long, or is to be taken away or restored.",
            "Its slot, publication and what was stored there are removed, now if it can be reached, else by \"attach\"; its"
                    + " rows stay as they are. Changes of it that were not read yet reach nobody, and of a change that only"
                    + " some of the others have got, they get no more: compare and repair them. That it is detached is stored"
                    + " in the other databases: it survives restarts, and works when no process runs."
        },
        footer = {"", "Examples:", "  replicator detach shake3", "  replicator attach shake3          takes it back"},
        mixinStandardHelpOptions = true)
public final class DetachCommand implements Callable<Integer> {
    @Mixin
    private DatabaseChoice choice = new DatabaseChoice();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        choice.detaching(configuration, line -> {}).forEach(Detaching::check);
        confirmation.require(
                "Detach " + choice.database()
                        + "? Changes of it that are not applied yet are lost to the other databases, and so is what is put aside on it.");
        choice.run(
                "detach", configuration, Detaching::detach, spec.commandLine().getOut());
        return 0;
    }
}
