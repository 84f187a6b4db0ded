package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.QuarantineList.Entry;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator quarantine list [SYNC]}. */
@Command(
        name = "list",
        description = "Lists what databases have refused and what is put aside there, the oldest first.",
        footer = {
            "",
            "Examples:",
            "  replicator quarantine list bard --database shake2",
            "  replicator quarantine list --table public.work --json"
        },
        mixinStandardHelpOptions = true)
public final class QuarantineListCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(arity = "0..1", paramLabel = "SYNC", description = "Only this sync's. Default: all.")
    private @Nullable String sync;

    @Option(
            names = {"-d", "--database"},
            paramLabel = "DB",
            description = "Only what this database has refused.")
    private @Nullable String database;

    @Option(
            names = {"-t", "--table"},
            paramLabel = "TABLE",
            description = "Only this table's: schema.name, or the bare name.")
    private @Nullable String table;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Found(String database, Entry entry) {}

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        if (sync != null) {
            configuration.sync(sync);
        }
        List<Found> found = new ArrayList<>();
        int exit = 0;
        for (DatabaseSpec one :
                QuarantineChoice.databases(configuration, sync, database).values()) {
            try {
                QuarantineChoice.read(one, quarantine -> quarantine.list(sync, table))
                        .forEach(entry -> found.add(new Found(one.name(), entry)));
            } catch (ReplicatorException e) {
                spec.commandLine().getErr().println(e.formatted());
                spec.commandLine().getErr().flush();
                exit = e.code().exitCode();
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(found) : text(found));
        out.flush();
        return exit;
    }

    private static String text(List<Found> found) {
        if (found.isEmpty()) {
            return "nothing is put aside\n";
        }
        TextTable table = new TextTable("change", "since", "table", "operation", "key", "constraint");
        for (Found one : found) {
            Entry entry = one.entry();
            table.row(
                    one.database() + ":" + entry.id(),
                    entry.parkedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                    entry.table().toString(),
                    entry.operation(),
                    entry.key(),
                    entry.constraint() == null ? "SQLSTATE " + entry.sqlState() : entry.constraint());
        }
        return table.render("")
                + "\"replicator quarantine show CHANGE\" shows what it carries, and why it was refused.\n";
    }

    private static String json(List<Found> found) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        found.forEach(one -> array.add(QuarantineShowCommand.json(one.database(), one.entry())));
        return array.toPrettyString() + "\n";
    }
}
