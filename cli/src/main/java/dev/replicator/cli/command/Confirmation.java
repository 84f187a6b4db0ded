package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.Console;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Asks before something is destroyed. */
final class Confirmation {
    @Option(
            names = {"-y", "--yes"},
            description = "Do it without asking.")
    private boolean yes;

    /** Returns when the person agrees; {@code question} says exactly what will happen. */
    void require(String question) {
        if (yes) {
            return;
        }
        Console console = System.console();
        if (console == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, "this needs a confirmation", question, "Add --yes where nobody can be asked.");
        }
        String answer = console.readLine("%s [y/N] ", question);
        if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).matches("y|yes")) {
            throw ReplicatorException.fatal(ErrorCode.USAGE, "nothing was done", "It was not confirmed.", null);
        }
    }
}
