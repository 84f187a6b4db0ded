package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.RuleText;
import dev.replicator.cli.conflict.WhatIf;
import dev.replicator.cli.conflict.WhatIf.Outcome;
import dev.replicator.cli.status.TextTable;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.slot.CatalogTable;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator conflicts replay}. */
@Command(
        name = "replay",
        description = {
            "Decides recorded conflicts again, by another policy, and shows row by row what would have been decided",
            "differently. Nothing is changed. The history has no old rows, so columns and delta cannot be replayed."
        },
        footer = {
            "",
            "Examples:",
            "  replicator conflicts replay --policy first --table stock --since 7d",
            "  replicator conflicts replay --policy '{ expression: \"a.price > b.price ? a : b\" }' --table stock",
            "  replicator conflicts replay              with the policies as they stand in the file now"
        },
        mixinStandardHelpOptions = true)
public final class ConflictsReplayCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private HistoryFilter filter = new HistoryFilter();

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description =
                    "The policy, as under conflict: in the configuration. Default: what the file says of each table.")
    private @Nullable String policy;

    @Option(names = "--json", description = "JSON for machines: all conflicts, also those decided alike.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        Map<String, DatabaseSpec> masters = filter.masters(configuration);
        Map<String, List<Entry>> byTable = new TreeMap<>();
        for (Entry entry : entries(masters)) {
            byTable.computeIfAbsent(entry.sync() + " " + entry.table(), each -> new ArrayList<>())
                    .add(entry);
        }
        Map<TableName, CatalogTable> catalog = new LinkedHashMap<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (List<Entry> entries : byTable.values()) {
            SyncSpec sync = configuration.sync(entries.get(0).sync());
            TableName name = entries.get(0).table();
            ConflictRule rule = policy == null
                    ? sync.conflicts().rules().of(name)
                    : RuleText.parse(policy, configuration.file(), sync);
            CatalogTable table = catalog.computeIfAbsent(name, each -> table(each, sync));
            outcomes.addAll(new WhatIf(rule, table).replay(entries));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(outcomes).toPrettyString() + "\n" : text(outcomes));
        out.flush();
        return 0;
    }

    /** All entries, each once, the oldest first. */
    private List<Entry> entries(Map<String, DatabaseSpec> masters) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (DatabaseSpec master : masters.values()) {
            HistoryChoice.each(master, filter.filter(), entry -> entries.putIfAbsent(entry.id(), entry));
        }
        return entries.values().stream()
                .sorted(Comparator.comparing(Entry::recordedAt).thenComparing(Entry::id))
                .toList();
    }

    private static CatalogTable table(TableName name, SyncSpec sync) {
        DatabaseSpec master = sync.sources().get(0);
        try (Connection connection = Sessions.open(master, "replicator conflicts")) {
            Catalog catalog = CatalogReader.read(connection, master.name());
            return catalog.table(name)
                    .filter(table -> table.key().isPresent())
                    .orElseThrow(() -> ReplicatorException.fatal(
                            ErrorCode.TABLE,
                            "cannot replay conflicts of table " + name,
                            "Database \"" + master.name() + "\" does not have it any more, or without a key.",
                            null));
        } catch (SQLException e) {
            throw SqlErrors.doing("close the session on database \"" + master.name() + "\"", e);
        }
    }

    private static String text(List<Outcome> outcomes) {
        List<Outcome> different = outcomes.stream().filter(Outcome::differs).toList();
        TextTable table = new TextTable("when", "table", "key", "column", "was decided", "would be", "why");
        for (Outcome outcome : different) {
            Entry entry = outcome.entries().get(0);
            ObjectNode before = row(outcome);
            String when = entry.recordedAt().truncatedTo(ChronoUnit.SECONDS).toString();
            List<String[]> columns = new ArrayList<>();
            Map<String, @Nullable String> row = outcome.row();
            if (!outcome.decided()) {
                columns.add(new String[] {"(row)", "as " + outcome.recorded().database() + " had it", "(stops)"});
            } else if (row == null || before.isEmpty()) {
                columns.add(new String[] {
                    "(row)", before.isEmpty() ? "(no row)" : "(a row)", row == null ? "(no row)" : "(a row)"
                });
            } else {
                row.forEach((column, value) -> {
                    String was = before.path(column).isNull()
                            ? "(null)"
                            : before.path(column).asText();
                    String now = value == null ? "(null)" : value;
                    if (before.has(column) && !was.equals(now)) {
                        columns.add(new String[] {column, was, now});
                    }
                });
            }
            for (String[] column : columns) {
                table.row(
                        when,
                        entry.table().toString(),
                        entry.loser().key(),
                        column[0],
                        column[1],
                        column[2],
                        outcome.reason());
            }
        }
        return (different.isEmpty() ? "" : table.render("")) + different.size() + " of " + outcomes.size()
                + " conflicts would have been decided differently\n";
    }

    /** What stood; empty: no row. */
    private static ObjectNode row(Outcome outcome) {
        ObjectNode winner =
                (ObjectNode) ConflictsShowCommand.json(outcome.entries().get(0)).path("winner");
        boolean removed = winner.path("operation").asText().equals("delete")
                || winner.path("operation").asText().equals("truncate");
        return removed || !winner.path("row").isObject()
                ? JsonNodeFactory.instance.objectNode()
                : (ObjectNode) winner.path("row");
    }

    private static ArrayNode json(List<Outcome> outcomes) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Outcome outcome : outcomes) {
            ObjectNode node = array.addObject();
            ArrayNode ids = node.putArray("ids");
            outcome.entries().forEach(entry -> ids.add(entry.id()));
            node.put("table", outcome.entries().get(0).table().toString());
            node.put("differs", outcome.differs());
            node.put("decided", outcome.decided());
            node.put("reason", outcome.reason());
            node.set("was", row(outcome));
            Map<String, @Nullable String> row = outcome.row();
            if (row == null) {
                node.putNull("would_be");
            } else {
                row.forEach(node.putObject("would_be")::put);
            }
        }
        return array;
    }
}
