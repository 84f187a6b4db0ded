package dev.replicator.it.harness;

import dev.replicator.cli.command.CommandLines;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs a command in this process, as {@code Main} does. Thread: that of the test. */
public final class Command {
    private Command() {}

    /** Runs it to its end. */
    public static ReplicatorProcess.Ended run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = CommandLines.create();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(words);
        return new ReplicatorProcess.Ended(code, out.toString(), err.toString());
    }
}
