package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.copy.RowDifference;
import dev.replicator.copy.SyncComparison;
import dev.replicator.error.ErrorCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator compare SYNC [TABLE ...]}. */
@Command(
        name = "compare",
        description = {
            "Finds rows that are not the same on the databases of a sync, while they are written: by checksums that the"
                    + " databases compute, range by range, and row by row where these differ.",
            "Rows that differ are looked at again after everything committed before was applied everywhere, so that what is"
                    + " on its way does not count. That takes the running process; where none runs, it does.",
            "Exit code 0: all equal; 27: rows differ."
        },
        footer = {
            "",
            "Examples:",
            "  replicator compare bard",
            "  replicator compare bard public.work --with shake2 --json",
            "  replicator compare bard \"public.char*\" --database reports"
        },
        mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
    @Mixin
    private ComparisonChoice choice = new ComparisonChoice();

    @Option(
            names = "--with",
            paramLabel = "DB",
            description = "The database that the others are compared with. Default: the first source.")
    private @Nullable String with;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many keys to show for each table. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        SyncSpec sync = choice.sync(configuration);
        List<Table> tables = choice.tables(sync, configuration.connectors());
        DatabaseSpec reference = with == null ? sync.sources().get(0) : choice.database(sync, with);
        @Nullable Runnable settling = choice.settling();
        PrintWriter out = spec.commandLine().getOut();
        if (settling == null) {
            spec.commandLine()
                    .getErr()
                    .println("No process runs: what has not been applied yet counts as a difference.");
        }
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        boolean equal = true;
        for (DatabaseSpec other : choice.others(sync, reference)) {
            try (SyncComparison comparison = new SyncComparison(sync, reference, other, settling)) {
                for (Table table : comparable(comparison, tables, other, spec)) {
                    SyncComparison.Result result = comparison.compare(table);
                    equal &= result.isEqual();
                    if (json) {
                        found.add(node(other, result));
                    } else {
                        print(reference, other, result, out);
                    }
                }
            }
        }
        if (json) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("sync", sync.name())
                    .put("with", reference.name())
                    .put("equal", equal)
                    .set("tables", found);
            out.println(node.toPrettyString());
        }
        out.flush();
        return equal ? 0 : ErrorCode.DATA_DIFFERS.exitCode();
    }

    /** Says which tables cannot be compared. */
    static List<Table> comparable(SyncComparison comparison, List<Table> tables, DatabaseSpec other, CommandSpec spec) {
        List<Table> comparable =
                tables.stream().filter(comparison::isComparable).toList();
        tables.stream()
                .filter(table -> !comparison.isComparable(table))
                .forEach(table -> spec.commandLine()
                        .getErr()
                        .println(other.name() + ": " + table.name()
                                + ": not compared: by \"where\" or \"columns\" its rows are not the same there"));
        return comparable;
    }

    static String summary(SyncComparison.Result result) {
        return result.isEqual()
                ? "equal"
                : result.count(RowDifference.Kind.DIFFERS) + " differ, " + result.count(RowDifference.Kind.MISSING)
                        + " missing, " + result.count(RowDifference.Kind.EXTRA) + " extra";
    }

    private void print(DatabaseSpec reference, DatabaseSpec other, SyncComparison.Result result, PrintWriter out) {
        out.println(other.name() + ": " + result.table() + ": " + summary(result) + " (" + result.rows() + " rows on "
                + reference.name()
                + (result.inFlight() == 0
                        ? ""
                        : "; " + result.inFlight() + " rows changed each time they were looked at")
                + ")");
        result.differences().stream().limit(limit).forEach(row -> out.println("  " + word(row) + " " + key(row)));
        if (result.differences().size() > limit) {
            out.println("  and " + (result.differences().size() - limit) + " more");
        }
        out.flush();
    }

    private static String word(RowDifference row) {
        return row.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String key(RowDifference row) {
        return row.key().stream().collect(Collectors.joining(", ", "(", ")"));
    }

    private static ObjectNode node(DatabaseSpec other, SyncComparison.Result result) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("database", other.name())
                .put("table", result.table().toString())
                .put("rows", result.rows())
                .put("differing", result.count(RowDifference.Kind.DIFFERS))
                .put("missing", result.count(RowDifference.Kind.MISSING))
                .put("extra", result.count(RowDifference.Kind.EXTRA))
                .put("in_flight", result.inFlight());
        ArrayNode rows = node.putArray("differences");
        for (RowDifference row : result.differences()) {
            ArrayNode key = rows.addObject().put("kind", word(row)).putArray("key");
            row.key().forEach(key::add);
        }
        return node;
    }
}
