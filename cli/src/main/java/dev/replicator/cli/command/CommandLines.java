package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Puts the command line together: every failure ends as four lines on standard error and an exit code. */
public final class CommandLines {
    private CommandLines() {}

    public static CommandLine create() {
        Replicator root = new Replicator();
        CommandLine line = new CommandLine(root);
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command, root.isDebug()));
        line.setParameterExceptionHandler((failure, args) -> misused(failure));
        line.setUsageHelpWidth(110);
        line.setUsageHelpLongOptionsMaxWidth(28);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private static int failed(Exception failure, CommandLine command, boolean debug) {
        ReplicatorException shown = failure instanceof ReplicatorException known
                ? known
                : new ReplicatorException(
                        ReplicatorException.Kind.FATAL,
                        ErrorCode.INTERNAL,
                        "\"" + command.getCommandSpec().qualifiedName() + "\" ended unexpectedly",
                        failure.toString(),
                        "This is a bug in replicator; please report it with the output of --debug.",
                        failure);
        PrintWriter err = command.getErr();
        err.println(shown.formatted());
        if (debug) {
            failure.printStackTrace(err);
        }
        err.flush();
        return shown.code().exitCode();
    }

    private static int misused(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String message = String.valueOf(failure.getMessage());
        StringBuilder hint = new StringBuilder();
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                hint.append("Did you mean ")
                        .append(String.join(
                                " or ",
                                suggestions.stream()
                                        .limit(2)
                                        .map(word -> "\"" + word + "\"")
                                        .toList()))
                        .append("? ");
            }
        }
        String name = command.getCommandSpec().qualifiedName();
        hint.append('"').append(name).append(" --help\" shows how it is used.");
        command.getErr()
                .println(ReplicatorException.fatal(
                                ErrorCode.USAGE,
                                message.isEmpty()
                                        ? message
                                        : Character.toLowerCase(message.charAt(0)) + message.substring(1),
                                null,
                                hint.toString())
                        .formatted());
        command.getErr().flush();
        return ErrorCode.USAGE.exitCode();
    }

    /** For a command that only has subcommands: shows them. */
    static ParameterException missingCommand(CommandLine command) {
        return new ParameterException(
                command,
                "a command is missing: "
                        + String.join(", ", command.getSubcommands().keySet()));
    }
}
