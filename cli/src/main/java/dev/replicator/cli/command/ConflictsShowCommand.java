package dev.replicator.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.postgres.ConflictHistory.Side;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator conflicts show ID}. */
@Command(
        name = "show",
        description = "Shows one entry of the conflict history: both versions, where they came from, and why one won.",
        footer = {"", "Example:", "  replicator conflicts show ID        with an ID of \"replicator conflicts list\""},
        mixinStandardHelpOptions = true)
public final class ConflictsShowCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private HistoryChoice choice = new HistoryChoice();

    @Parameters(paramLabel = "ID", description = "The entry's id.")
    private String id = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        ReplicatorException failure = unknown(id);
        for (DatabaseSpec master : choice.masters(configuration).values()) {
            try {
                Optional<Entry> entry = HistoryChoice.read(master, history -> history.show(id));
                if (entry.isPresent()) {
                    PrintWriter out = spec.commandLine().getOut();
                    out.print(choice.isJson() ? json(entry.get()).toPrettyString() + "\n" : text(entry.get()));
                    out.flush();
                    return 0;
                }
            } catch (ReplicatorException e) {
                failure = e;
            }
        }
        throw failure;
    }

    static ReplicatorException unknown(String id) {
        return ReplicatorException.fatal(
                ErrorCode.USAGE,
                "there is no conflict \"" + id + "\"",
                null,
                "\"replicator conflicts list\" shows those there are.");
    }

    static String text(Entry entry) {
        StringBuilder text = new StringBuilder();
        text.append("conflict ")
                .append(entry.id())
                .append(": ")
                .append(entry.type())
                .append('\n');
        text.append("table    ")
                .append(entry.table())
                .append(", sync ")
                .append(entry.sync())
                .append('\n');
        text.append("recorded ").append(entry.recordedAt()).append('\n');
        text.append("policy   ").append(entry.policy()).append('\n');
        text.append("reason   ").append(entry.reason()).append('\n');
        if (entry.undoneAt() != null) {
            text.append("undone   ").append(entry.undoneAt()).append('\n');
        }
        text.append('\n');
        TextTable table = new TextTable("", "lost", "won");
        table.row("database", entry.loser().database(), entry.winner().database());
        table.row("operation", entry.loser().kind(), entry.winner().kind());
        table.row("committed", time(entry.loser()), time(entry.winner()));
        table.row(
                "position",
                entry.loser().commitLsn().toString(),
                entry.winner().commitLsn().toString());
        table.row("key", entry.loser().key(), entry.winner().key());
        JsonNode lost = tree(entry.loser().row());
        JsonNode won = tree(entry.winner().row());
        TreeSet<String> columns = new TreeSet<>();
        lost.fieldNames().forEachRemaining(columns::add);
        won.fieldNames().forEachRemaining(columns::add);
        for (String column : columns) {
            table.row("  " + column, value(lost.path(column)), value(won.path(column)));
        }
        return text.append(table.render("")).toString();
    }

    private static String time(Side side) {
        return side.commitTime() == null ? "unknown" : side.commitTime().toString();
    }

    private static String value(JsonNode node) {
        if (node.isMissingNode()) {
            return "(not carried)";
        }
        return node.isNull() ? "(null)" : node.asText().replace("\n", "\\n").replace("\t", "\\t");
    }

    private static JsonNode tree(@Nullable String json) {
        try {
            return json == null ? JSON.createObjectNode() : JSON.readTree(json);
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode().put("(unreadable)", json);
        }
    }

    static ObjectNode json(Entry entry) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", entry.id());
        node.put("sync", entry.sync());
        node.put("recorded_at", entry.recordedAt().toString());
        node.put("type", entry.type());
        node.put("schema", entry.table().schema());
        node.put("table", entry.table().name());
        node.put("policy", entry.policy());
        node.put("reason", entry.reason());
        node.put("undone_at", entry.undoneAt() == null ? null : entry.undoneAt().toString());
        node.set("loser", json(entry.loser()));
        node.set("winner", json(entry.winner()));
        return node;
    }

    private static ObjectNode json(Side side) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("database", side.database());
        node.put("commit_lsn", side.commitLsn().toString());
        node.put(
                "commit_time",
                side.commitTime() == null ? null : side.commitTime().toString());
        node.put("operation", side.kind());
        node.set("key", tree(side.key()));
        node.set("row", side.row() == null ? JsonNodeFactory.instance.nullNode() : tree(side.row()));
        return node;
    }
}
