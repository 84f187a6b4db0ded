package dev.replicator.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Detaching;
import dev.replicator.cli.status.ServerStatus;
import dev.replicator.cli.status.StatusJson;
import dev.replicator.cli.status.StatusText;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.SyncStatus;
import dev.replicator.postgres.DetachMarks;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator status [SYNC]}. */
@Command(
        name = "status",
        description = {
            "What each sync is doing.",
            "Per database: what its reading and its writing side do, bytes of log not yet read, age of the oldest"
                    + " transaction that waits for it and how many wait, transactions and rows read and applied since the"
                    + " process started, its changes that lost against another, log that its server keeps for us, and how"
                    + " far its clock is from this machine's. Below it: whatever needs attention, with what to do.",
            "When no process runs, the databases are asked, and it says so."
        },
        footer = {
            "",
            "Examples:",
            "  replicator status",
            "  replicator status bard --watch",
            "  replicator status --json | jq '.syncs[].databases[].target.lag_seconds'",
            "Exit code 0 when all is well, 1 when something needs attention."
        },
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(arity = "0..1", paramLabel = "SYNC", description = "Only this sync. Default: all.")
    private @Nullable String sync;

    @Option(
            names = {"-w", "--watch"},
            description = "Show it again and again, until Ctrl-C.")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = SpanConverter.class,
            description = "How often --watch shows it. Default: ${DEFAULT-VALUE}.")
    private Duration interval = Duration.ZERO;

    @Option(names = "--json", description = "JSON for machines; cli/README.md has its keys.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = config.read();
        if (sync != null) {
            configuration.sync(sync);
        }
        while (true) {
            boolean healthy = show(configuration);
            if (!watch) {
                return healthy ? 0 : 1;
            }
            TimeUnit.MILLISECONDS.sleep(Math.max(100, interval.toMillis()));
        }
    }

    private boolean show(Configuration configuration) {
        Optional<AdminClient> running = config.runningProcess();
        List<SyncStatus> all = running.isPresent()
                ? running.get().status()
                : configuration.syncs().stream()
                        .filter(this::isWanted)
                        .map(wanted -> stored(wanted, configuration.connectors()))
                        .toList();
        List<SyncStatus> shown =
                all.stream().filter(s -> sync == null || s.sync().equals(sync)).toList();
        String text = json ? jsonText(running, shown) : text(configuration, running, shown);
        PrintWriter out = spec.commandLine().getOut();
        if (watch && !json) {
            // Cursor home, each line cleared to its end, and what was below: no flicker.
            out.print("\u001b[H" + text.replace("\n", "\u001b[K\n") + "\u001b[J");
        } else {
            out.print(text);
        }
        out.flush();
        return running.isPresent() && shown.stream().allMatch(SyncStatus::isHealthy);
    }

    /** What the databases say. */
    private static SyncStatus stored(SyncSpec sync, Connectors connectors) {
        List<DetachMarks.Mark> detached = Detaching.detached(sync);
        SyncSpec rest = Detaching.without(sync, detached);
        return Detaching.shown(ServerStatus.read(List.of(rest), connectors).get(0), detached);
    }

    private boolean isWanted(SyncSpec spec) {
        return sync == null || spec.name().equals(sync);
    }

    private String text(Configuration configuration, Optional<AdminClient> running, List<SyncStatus> shown) {
        Instant now = Instant.now();
        StatusText text = new StatusText(
                now,
                name -> configuration.syncs().stream()
                        .filter(spec -> spec.name().equals(name))
                        .map(SyncSpec::clockLimit)
                        .findFirst()
                        .orElse(null));
        String head = running.isPresent()
                ? "process " + running.get().pid()
                : "no process is running with \"" + config.file() + "\"; this is what the databases say";
        return head + (watch ? ", " + now.truncatedTo(ChronoUnit.SECONDS) : "") + "\n\n" + text.render(shown);
    }

    private static String jsonText(Optional<AdminClient> running, List<SyncStatus> shown) {
        try {
            ObjectNode status = StatusJson.write(running.isPresent(), shown);
            running.ifPresent(process -> status.put("pid", process.pid()));
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(status) + "\n";
        } catch (JsonProcessingException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.INTERNAL,
                    "cannot write the status as JSON",
                    null,
                    null,
                    e);
        }
    }
}
