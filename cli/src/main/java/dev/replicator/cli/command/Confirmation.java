package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Asks before something is destroyed: on standard error, and reads the answer from standard input. */
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
        System.err.print(question + " [y/N] ");
        System.err.flush();
        String answer = line();
        if (answer == null) {
            System.err.println();
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, "this needs a confirmation", null, "Add --yes where nobody can be asked.");
        }
        if (!answer.strip().toLowerCase(Locale.ROOT).matches("y|yes")) {
            throw ReplicatorException.fatal(ErrorCode.USAGE, "nothing was done", "It was not confirmed.", null);
        }
    }

    private static @Nullable String line() {
        try {
            return new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        } catch (IOException e) {
            return null;
        }
    }
}
