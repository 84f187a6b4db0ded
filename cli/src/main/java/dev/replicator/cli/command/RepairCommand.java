package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.copy.SyncComparison;
import dev.replicator.error.ErrorCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator repair SYNC [TABLE ...] --from DB}. */
@Command(
        name = "repair",
        description = {
            "Compares, as \"replicator compare\" does, and makes the rows that differ as one database has them.",
            "On a master the row is changed there, as an application would, and that change goes to all others; on a database"
                    + " that only receives it is written directly. A row that has changed since it was compared is left as it"
                    + " is. Triggers do not fire. Afterwards it is compared again.",
            "Exit code 0: all equal now; 27: rows differ still."
        },
        footer = {
            "",
            "Examples:",
            "  replicator repair bard --from shake1",
            "  replicator repair bard public.work --from shake1 --database shake2 --yes",
            "After a slot was lost on shake2, what was committed there since has not reached the others:",
            "  replicator slot create bard --database shake2",
            "  replicator compare bard --with shake2",
            "  replicator repair bard --from shake2          or --from another one, whose rows shall stand"
        },
        mixinStandardHelpOptions = true)
public final class RepairCommand implements Callable<Integer> {
    @Mixin
    private ComparisonChoice choice = new ComparisonChoice();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Option(names = "--from", paramLabel = "DB", required = true, description = "The database whose rows stand.")
    private String from = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        SyncSpec sync = choice.sync(configuration);
        List<Table> tables = choice.tables(sync, configuration.connectors());
        DatabaseSpec reference = choice.database(sync, from);
        @Nullable Runnable settling = choice.settling();
        if (settling == null) {
            RunningProcess.require(choice.config());
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean equal = true;
        for (DatabaseSpec other : choice.others(sync, reference)) {
            try (SyncComparison comparison = new SyncComparison(sync, reference, other, settling)) {
                equal &= repair(comparison, tables, other, out);
            }
        }
        out.flush();
        return equal ? 0 : ErrorCode.DATA_DIFFERS.exitCode();
    }

    private boolean repair(SyncComparison comparison, List<Table> tables, DatabaseSpec other, PrintWriter out) {
        List<Table> differing = new ArrayList<>();
        List<SyncComparison.Result> results = new ArrayList<>();
        for (Table table : CompareCommand.comparable(comparison, tables, other, spec)) {
            SyncComparison.Result result = comparison.compare(table);
            if (!result.isEqual()) {
                differing.add(table);
                results.add(result);
            }
        }
        if (differing.isEmpty()) {
            out.println(other.name() + ": equal");
            return true;
        }
        confirmation.require("Make rows on " + other.name() + " as they are on " + from + "?\n"
                + results.stream()
                        .map(result -> "  " + result.table() + ": " + CompareCommand.summary(result))
                        .collect(Collectors.joining("\n"))
                + "\n");
        boolean equal = true;
        for (int i = 0; i < differing.size(); i++) {
            long mended = comparison.mend(results.get(i), differing.get(i));
            SyncComparison.Result left = comparison.compare(differing.get(i));
            out.println(other.name() + ": " + left.table() + ": " + mended
                    + (mended == 1 ? " row was mended" : " rows were mended") + "; now "
                    + CompareCommand.summary(left));
            out.flush();
            equal &= left.isEqual();
        }
        return equal;
    }
}
