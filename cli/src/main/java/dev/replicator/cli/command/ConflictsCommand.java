package dev.replicator.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator conflicts ...}. */
@Command(
        name = "conflicts",
        description = {
            "Shows the conflict history: every committed change that was discarded, with what won over it and why.",
            "It stands in table replicator.conflict_history of the masters, for as long as conflict_history.keep says."
        },
        subcommands = {
            ConflictsListCommand.class,
            ConflictsShowCommand.class,
            ConflictsExportCommand.class,
            ConflictsUndoCommand.class,
            ConflictsReplayCommand.class
        },
        mixinStandardHelpOptions = true)
public final class ConflictsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw CommandLines.missingCommand(spec.commandLine());
    }
}
