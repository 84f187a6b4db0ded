package dev.replicator.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator slot ...}. */
@Command(
        name = "slot",
        description = {
            "Looks at and handles replication slots.",
            "A slot makes its server keep the log that has not been applied everywhere. There is one per sync and source."
        },
        subcommands = {
            SlotListCommand.class,
            SlotCreateCommand.class,
            SlotDropCommand.class,
            SlotAdvanceCommand.class,
            SlotCopyCommand.class
        },
        mixinStandardHelpOptions = true)
public final class SlotCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw CommandLines.missingCommand(spec.commandLine());
    }
}
