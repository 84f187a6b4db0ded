package dev.replicator.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator quarantine ...}. */
@Command(
        name = "quarantine",
        description = {
            "Shows and handles changes that a database has refused and that were put aside (on_error: quarantine,"
                    + " keep_latest, or code of your own that has not decided yet).",
            "They stand in table replicator.quarantine of that database, one for each row, are tried again every few"
                    + " seconds, and leave by themselves once the database takes them or the row is changed again."
        },
        subcommands = {
            QuarantineListCommand.class,
            QuarantineShowCommand.class,
            QuarantineRetryCommand.class,
            QuarantineDropCommand.class
        },
        mixinStandardHelpOptions = true)
public final class QuarantineCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw CommandLines.missingCommand(spec.commandLine());
    }
}
