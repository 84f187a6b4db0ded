package dev.replicator.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.postgres.QuarantineList.Entry;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator quarantine show CHANGE}. */
@Command(
        name = "show",
        description = "Shows one change that was put aside: what it carries, and why the database refused it.",
        footer = {"", "Example:", "  replicator quarantine show shake2:17"},
        mixinStandardHelpOptions = true)
public final class QuarantineShowCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "CHANGE", description = "Its name in \"replicator quarantine list\": DATABASE:NUMBER.")
    private String change = "";

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        QuarantineChoice.Name name = QuarantineChoice.name(configuration, change);
        Entry entry = QuarantineChoice.read(name.database(), quarantine -> quarantine.find(name.id()))
                .orElseThrow(() -> QuarantineChoice.missing(change));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(name.database().name(), entry).toPrettyString() + "\n" : text(name, entry));
        out.flush();
        return 0;
    }

    private static String text(QuarantineChoice.Name name, Entry entry) {
        StringBuilder text = new StringBuilder();
        text.append("change     ")
                .append(name.database().name())
                .append(':')
                .append(entry.id())
                .append('\n');
        text.append("sync       ").append(entry.sync()).append('\n');
        text.append("table      ").append(entry.table()).append('\n');
        text.append("operation  ").append(entry.operation()).append('\n');
        text.append("since      ").append(entry.parkedAt()).append('\n');
        text.append("refused    ").append(entry.reason()).append("\n\n");
        TextTable table = new TextTable("column", "value");
        tree(entry.carried())
                .properties()
                .forEach(column -> table.row(
                        column.getKey(),
                        column.getValue().isNull()
                                ? "(null)"
                                : column.getValue()
                                        .asText()
                                        .replace("\n", "\\n")
                                        .replace("\t", "\\t")));
        return text.append(table.render("")).toString();
    }

    static ObjectNode json(String database, Entry entry) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("change", database + ":" + entry.id());
        node.put("sync", entry.sync());
        node.put("database", database);
        node.put("schema", entry.table().schema());
        node.put("table", entry.table().name());
        node.put("operation", entry.operation());
        node.put("since", entry.parkedAt().toString());
        node.put("sqlstate", entry.sqlState());
        node.put("constraint", entry.constraint());
        node.put("reason", entry.reason());
        node.set("key", tree(entry.key()));
        node.set("carried", tree(entry.carried()));
        return node;
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode().put("(unreadable)", json);
        }
    }
}
