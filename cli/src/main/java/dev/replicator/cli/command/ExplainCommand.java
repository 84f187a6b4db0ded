package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.postgres.ConflictHistory.Filter;
import dev.replicator.postgres.RowReader;
import dev.replicator.session.Sessions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator explain TABLE KEY}. */
@Command(
        name = "explain",
        description = {
            "Explains one row: how it stands on each database, its changes that are still open in the running process (where",
            "and when each was made, which other changes were made in sight of it, which databases hold it, which one stands",
            "and why), and what the conflict history says of it."
        },
        footer = {
            "",
            "Examples:",
            "  replicator explain public.work workid=hamlet",
            "  replicator explain stock id=1 place=attic --json"
        },
        mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
    private static final int HISTORY = 100;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table: schema.name, or a name in schema public.")
    private String table = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COLUMN=VALUE",
            description = {
                "The key, column by column.",
                "Names with a dot or an equals sign go into double quotes, as in SQL."
            })
    private List<String> keys = List.of();

    @Option(
            names = "--sync",
            paramLabel = "SYNC",
            description = "The sync. Default: the first that the process knows it in.")
    private @Nullable String sync;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        TableName name = TypedName.table(table);
        Map<String, String> key = key();
        List<SyncSpec> syncs = sync == null ? configuration.syncs() : List.of(configuration.sync(sync));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("table", name.toString());
        key.forEach(answer.putObject("key")::put);
        open(syncs, name, key, answer);
        rows(syncs, name, key, answer.putArray("databases"));
        ArrayNode history = answer.putArray("history");
        history(configuration, name, key).forEach(entry -> history.add(ConflictsShowCommand.json(entry)));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? answer.toPrettyString() + "\n" : text(answer));
        out.flush();
        return 0;
    }

    private Map<String, String> key() {
        Map<String, String> key = new LinkedHashMap<>();
        for (String part : keys) {
            TypedName column = TypedName.of(part, '=');
            if (column.name().isEmpty() || !column.rest().startsWith("=")) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "\"" + part + "\" names no key column",
                        null,
                        "Write column=value for each column of the key.");
            }
            key.put(column.name(), column.rest().substring(1));
        }
        return key;
    }

    /** What the running process knows, if one runs. */
    private void open(List<SyncSpec> syncs, TableName name, Map<String, String> key, ObjectNode answer) {
        Optional<AdminClient> process = config.runningProcess();
        answer.put("running", process.isPresent());
        if (process.isEmpty()) {
            return;
        }
        ReplicatorException failure = null;
        for (SyncSpec each : syncs) {
            try {
                answer.set("open", process.get().explain(each.name(), name, key));
                answer.put("sync", each.name());
                return;
            } catch (ReplicatorException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void rows(List<SyncSpec> syncs, TableName name, Map<String, String> key, ArrayNode databases) {
        Map<String, DatabaseSpec> asked = new LinkedHashMap<>();
        for (SyncSpec each : syncs) {
            each.sources().forEach(database -> asked.put(database.name(), database));
            each.targets().forEach(database -> asked.put(database.name(), database));
        }
        for (DatabaseSpec database : asked.values()) {
            if (!database.kind().equals(Connectors.POSTGRES)) {
                continue;
            }
            ObjectNode node = databases.addObject().put("database", database.name());
            try (Connection connection = Sessions.open(database, "replicator explain")) {
                Optional<Map<String, @Nullable String>> row = new RowReader(connection).read(name, key);
                if (row.isPresent()) {
                    row.get().forEach(node.putObject("row")::put);
                } else {
                    node.putNull("row");
                }
            } catch (ReplicatorException e) {
                node.put("failure", e.primary());
            } catch (SQLException e) {
                node.put("failure", "could not close the session");
            }
        }
    }

    private List<Entry> history(Configuration configuration, TableName name, Map<String, String> key) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Filter filter = new Filter(sync, name.toString(), key, null, null, null);
        boolean masters = configuration.syncs().stream().anyMatch(SyncSpec::isMultiMaster);
        for (DatabaseSpec master :
                masters ? HistoryChoice.masters(configuration, sync, null).values() : List.<DatabaseSpec>of()) {
            try {
                HistoryChoice.read(master, history -> history.list(filter, HISTORY))
                        .forEach(entry -> entries.putIfAbsent(entry.id(), entry));
            } catch (ReplicatorException e) {
                spec.commandLine().getErr().println(e.formatted());
                spec.commandLine().getErr().flush();
            }
        }
        return entries.values().stream()
                .sorted(Comparator.comparing(Entry::recordedAt).thenComparing(Entry::id))
                .toList();
    }

    private static String text(ObjectNode answer) {
        StringBuilder text = new StringBuilder();
        text.append(answer.path("table").asText())
                .append(", ")
                .append(values(answer.path("key")))
                .append("\n\n");
        text.append("now\n");
        TextTable rows = new TextTable("database", "row");
        answer.path("databases").forEach(each -> rows.row(each.path("database").asText(), row(each)));
        text.append(rows.render("  ")).append('\n');
        open(answer, text);
        text.append("\nhistory\n");
        if (answer.path("history").isEmpty()) {
            text.append("  nothing was discarded\n");
        }
        for (JsonNode entry : answer.path("history")) {
            text.append("  ").append(entry.path("recorded_at").asText()).append("  ");
            text.append(entry.path("type").asText()).append(": the ");
            side(text, entry.path("loser")).append(" lost to the ");
            side(text, entry.path("winner"))
                    .append("\n    ")
                    .append(entry.path("reason").asText())
                    .append('\n');
            text.append("    lost: ")
                    .append(values(entry.path("loser").path("row")))
                    .append('\n');
            text.append("    won:  ")
                    .append(values(entry.path("winner").path("row")))
                    .append('\n');
            text.append("    id:   ").append(entry.path("id").asText()).append('\n');
            if (!entry.path("undone_at").isNull()) {
                text.append("    undone at ")
                        .append(entry.path("undone_at").asText())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static StringBuilder side(StringBuilder text, JsonNode side) {
        return text.append(side.path("operation").asText())
                .append(" on ")
                .append(side.path("database").asText())
                .append(" of ")
                .append(side.path("commit_time").asText())
                .append(" (")
                .append(side.path("commit_lsn").asText())
                .append(')');
    }

    private static void open(ObjectNode answer, StringBuilder text) {
        text.append("open changes\n");
        JsonNode open = answer.path("open");
        if (!answer.path("running").asBoolean()) {
            text.append("  no process runs with this configuration\n");
            return;
        }
        if (open.path("changes").isEmpty()) {
            text.append("  none: every database holds what there is\n");
            return;
        }
        TextTable table =
                new TextTable("committed", "database", "position", "operation", "stands", "seen by", "held by", "row");
        for (JsonNode change : open.path("changes")) {
            table.row(
                    change.path("commit_time").asText(),
                    change.path("database").asText(),
                    change.path("commit_lsn").asText(),
                    change.path("operation").asText(),
                    change.path("stands").asBoolean() ? "yes" : "no",
                    list(change.path("seen_by")),
                    list(change.path("held_by")),
                    row(change));
        }
        text.append(table.render("  "));
        if (!open.path("reason").isNull()) {
            text.append("  ").append(open.path("reason").asText()).append('\n');
        }
        open.path("on_their_way")
                .properties()
                .forEach(entry -> text.append("  on the way to ")
                        .append(entry.getKey())
                        .append(": ")
                        .append(entry.getValue().asText())
                        .append('\n'));
    }

    private static String list(JsonNode array) {
        List<String> items = new ArrayList<>();
        array.forEach(item -> items.add(item.asText()));
        return items.isEmpty() ? "-" : String.join(", ", items);
    }

    private static String row(JsonNode node) {
        if (node.has("failure")) {
            return "(" + node.path("failure").asText() + ")";
        }
        return node.path("row").isNull() ? "(no row)" : values(node.path("row"));
    }

    private static String values(JsonNode row) {
        List<String> values = new ArrayList<>();
        row.properties()
                .forEach(entry -> values.add(entry.getKey() + "="
                        + (entry.getValue().isNull()
                                ? "(null)"
                                : entry.getValue().asText().replace("\n", "\\n").replace("\t", "\\t"))));
        return values.isEmpty() ? "-" : String.join(", ", values);
    }
}
