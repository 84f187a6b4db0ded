package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.ConflictHistory.Entry;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator conflicts list [SYNC]}. */
@Command(
        name = "list",
        description = "Lists the newest entries of the conflict history, the newest first.",
        footer = {
            "",
            "Examples:",
            "  replicator conflicts list bard --table public.work --limit 20",
            "  replicator conflicts list --table work --key hamlet --since 2h",
            "  replicator conflicts list --json"
        },
        mixinStandardHelpOptions = true)
public final class ConflictsListCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private HistoryFilter filter = new HistoryFilter();

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "At most so many. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, DatabaseSpec> masters = filter.masters(configuration);
        int exit = 0;
        for (DatabaseSpec master : masters.values()) {
            try {
                List<Entry> found = HistoryChoice.read(master, history -> history.list(filter.filter(), limit));
                found.forEach(entry -> entries.putIfAbsent(entry.id(), entry));
            } catch (ReplicatorException e) {
                spec.commandLine().getErr().println(e.formatted());
                spec.commandLine().getErr().flush();
                exit = e.code().exitCode();
            }
        }
        List<Entry> newest = entries.values().stream()
                .sorted(Comparator.comparing(Entry::recordedAt).reversed().thenComparing(Entry::id))
                .limit(limit)
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(newest) : text(newest));
        out.flush();
        return exit;
    }

    private static String text(List<Entry> entries) {
        if (entries.isEmpty()) {
            return "no conflicts\n";
        }
        TextTable table = new TextTable("id", "when", "table", "key", "type", "lost", "won");
        for (Entry entry : entries) {
            table.row(
                    entry.id(),
                    entry.recordedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                    entry.table().toString(),
                    entry.loser().key(),
                    entry.type(),
                    entry.loser().database(),
                    entry.winner().database());
        }
        return table.render("") + "\"replicator conflicts show ID\" shows both versions.\n";
    }

    private static String json(List<Entry> entries) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        entries.forEach(entry -> array.add(ConflictsShowCommand.json(entry)));
        return array.toPrettyString() + "\n";
    }
}
