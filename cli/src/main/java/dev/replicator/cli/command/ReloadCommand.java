package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.admin.SyncChange;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator reload}. */
@Command(
        name = "reload",
        description = {
            "Has the running process take what has changed in the configuration file.",
            "Syncs that are new begin, those that are gone end, and those that changed end after what is in flight and begin"
                    + " again where the databases stand, in a second or so; the others are not touched. Tables that came since"
                    + " are taken too, where \"tables\" matches them. When anything is wrong with the file or the databases,"
                    + " it says so and nothing changes. Another policy takes effect when nothing is open under the old one;"
                    + " \"replicator status\" says while it waits. SIGHUP to the process does the same.",
            "The environment variables that the file names are those of the running process. A change of \"admin\" needs a"
                    + " restart."
        },
        footer = {
            "",
            "Examples:",
            "  replicator reload --dry-run                  says what would change",
            "  replicator reload"
        },
        mixinStandardHelpOptions = true)
public final class ReloadCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        // What is wrong with the file is said here as well when no process runs.
        config.read();
        AdminClient process = RunningProcess.require(config);
        List<SyncChange> changes = process.reload(!dryRun, LIMIT);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode node = mapper.createObjectNode().put("applied", !dryRun);
            node.set("syncs", mapper.valueToTree(changes));
            out.println(node.toPrettyString());
        } else {
            changes.forEach(change -> change.lines().forEach(out::println));
            boolean same = changes.stream().allMatch(change -> change.kind() == SyncChange.Kind.SAME);
            out.println(
                    same
                            ? "nothing has changed"
                            : dryRun ? "nothing is changed yet; \"replicator reload\" does it" : "done");
        }
        out.flush();
        return 0;
    }
}
