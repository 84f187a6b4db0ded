package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.slot.Removal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator remove SYNC}. */
@Command(
        name = "remove",
        description = {
            "Takes a sync off its databases: slots, publications, replication origins, and what it stored in schema"
                    + " \"replicator\", its conflict history included; the schema too when no other sync uses it.",
            "The rows of your tables stay as they are. A process that runs lets the sync go, and runs the others on; take the"
                    + " sync out of the file, else it begins again, anew, at the next start. May be repeated."
        },
        footer = {"", "Example:", "  replicator remove bard"},
        mixinStandardHelpOptions = true)
public final class RemoveCommand implements Callable<Integer> {
    private static final Duration RELEASE = Duration.ofSeconds(60);

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        SyncSpec configured = configuration.sync(sync);
        List<String> names = configured.parts().stream()
                .flatMap(part -> Stream.concat(part.sources().stream(), part.targets().stream()))
                .map(DatabaseSpec::name)
                .distinct()
                .toList();
        confirmation.require(
                "Remove sync \"" + sync + "\" from " + String.join(", ", names)
                        + "? Changes that are not applied yet are lost to the other databases, and so is the conflict history.");
        PrintWriter out = spec.commandLine().getOut();
        config.runningProcess().ifPresent(process -> {
            process.release(sync, RELEASE);
            out.println("process " + process.pid() + " has let it go");
        });
        int exit = 0;
        for (Removal.Outcome outcome : Removal.remove(configured, configuration.connectors())) {
            out.println(outcome.database() + ":");
            outcome.removed().forEach(removed -> out.println("  removed " + removed));
            for (Removal.Remainder remainder : outcome.remaining()) {
                out.println("  still there: " + remainder.what());
                out.println("    " + remainder.failure().formatted().replace("\n", "\n    "));
                if (!remainder.sql().isEmpty()) {
                    out.println("    By hand: " + remainder.sql());
                }
                exit = exit == 0 ? remainder.failure().code().exitCode() : exit;
            }
            if (outcome.removed().isEmpty() && outcome.isComplete()) {
                out.println("  nothing was there");
            }
        }
        out.flush();
        return exit;
    }
}
