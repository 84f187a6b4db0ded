package dev.replicator.cli.demo;

import dev.replicator.embedded.EmbeddedPostgresException;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/**
 * {@code replicator demo}. Exit code 0 when everything shown was checked to be true, {@link
 * ErrorCode#DEMO} when something was not.
 */
@Command(
        name = "demo",
        description =
                "Starts three PostgreSQL masters with the Shakespeare tables and shows, step by step and checked, how"
                        + " they replicate. Then keeps running until Ctrl-C, and removes everything.",
        subcommands = DemoSqlCommand.class,
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--once", description = "Exit after the steps; status 0 only if everything shown was true.")
    private boolean once;

    @Option(names = "--one-cluster", description = "Put the three databases into one server.")
    private boolean oneCluster;

    @Override
    public Integer call() throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Screen screen = new Screen(out, Ansi.AUTO.enabled());
        try (Demo demo = new Demo(screen)) {
            return demo.run(once, oneCluster);
        } catch (EmbeddedPostgresException e) {
            String[] primaryAndRest = String.valueOf(e.getMessage()).split("\nDETAIL: +", 2);
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.DEMO,
                    primaryAndRest[0],
                    primaryAndRest.length > 1 ? primaryAndRest[1] : null,
                    null,
                    e);
        }
    }
}
