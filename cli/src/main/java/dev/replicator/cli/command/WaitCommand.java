package dev.replicator.cli.command;

import dev.replicator.cli.config.NearestWord;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.SyncSpec;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator wait SYNC --for now|DB:LSN}. */
@Command(
        name = "wait",
        description = "Returns when every database of a sync has what was committed up to a point.",
        footer = {
            "",
            "Examples:",
            "  replicator wait bard --for now",
            "  replicator wait bard --for shake1:16/B374D848      from SELECT pg_current_wal_insert_lsn() on shake1",
            "A write and its wait, in a script:",
            "  lsn=$(psql shake1 -Atqc 'UPDATE ...; SELECT pg_current_wal_insert_lsn()')",
            "  replicator wait bard --for shake1:$lsn --timeout 10s"
        },
        mixinStandardHelpOptions = true)
public final class WaitCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Option(
            names = "--for",
            paramLabel = "now|DB:LSN",
            required = true,
            description = "now: what is committed at this moment. DB:LSN: what is committed on that source below that"
                    + " position of its log; may be given several times.")
    private List<String> goals = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = SpanConverter.class,
            description = "How long to wait; then exit code 24. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        SyncSpec configured = config.read().sync(sync);
        Map<String, Lsn> positions = positions(configured, goals);
        RunningProcess.require(config).await(sync, positions, timeout);
        PrintWriter out = spec.commandLine().getOut();
        out.println("sync \"" + sync + "\": every database has it");
        out.flush();
        return 0;
    }

    /** Null: now. */
    static @Nullable Map<String, Lsn> positions(SyncSpec sync, List<String> goals) {
        if (goals.equals(List.of("now"))) {
            return null;
        }
        List<String> sources = sync.sources().stream().map(DatabaseSpec::name).toList();
        Map<String, Lsn> positions = new TreeMap<>();
        for (String goal : goals) {
            int colon = goal.indexOf(':');
            if (colon < 1) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "cannot wait for \"" + goal + "\"",
                        "It is neither \"now\" nor a source and a log position.",
                        "Write --for now, or for instance --for " + sources.get(0) + ":16/B374D848.");
            }
            String database = goal.substring(0, colon);
            if (!sources.contains(database)) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "\"" + database + "\" is not a source of sync \"" + sync.name() + "\""
                                + NearestWord.hint(database, sources),
                        "Its sources are " + String.join(", ", sources) + ".",
                        null);
            }
            try {
                positions.put(database, Lsn.parse(goal.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE, String.valueOf(e.getMessage()), null, "It looks like 16/B374D848.");
            }
        }
        return positions;
    }
}
