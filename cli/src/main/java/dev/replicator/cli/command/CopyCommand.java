package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableSchema;
import dev.replicator.observe.CopyStatus;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.SyncStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator copy SYNC [TABLE ...] --database DB}. */
@Command(
        name = "copy",
        description = {
            "Copies tables to a database that only receives once more, whole: they are emptied there, and get all rows of a"
                    + " source while everything goes on. Readers see part of the rows meanwhile; \"replicator repair\" mends"
                    + " only what differs, and works on masters, too.",
            "Returns when they are copied. What is interrupted, also by the end of this command or of the process, is"
                    + " completed by the process."
        },
        footer = {
            "",
            "Examples:",
            "  replicator copy bard",
            "  replicator copy bard public.work --database reports --from shake2 --yes"
        },
        mixinStandardHelpOptions = true)
public final class CopyCommand implements Callable<Integer> {
    private static final long POLL_NANOS = Duration.ofMillis(500).toNanos();
    private static final Duration MOMENT = Duration.ofMillis(100);

    @Mixin
    private ComparisonChoice choice = new ComparisonChoice();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Option(names = "--from", paramLabel = "DB", description = "The source to copy from. Default: the first.")
    private @Nullable String from;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = choice.configuration();
        SyncSpec sync = choice.sync(configuration);
        if (sync.isMultiMaster()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot copy tables of sync \"" + sync.name() + "\"",
                    "It has several sources: a row that two of them change while it is copied could end different.",
                    "Use \"replicator repair " + sync.name() + " --from DB\".");
        }
        DatabaseSpec source = from == null ? sync.sources().get(0) : source(sync, choice.database(sync, from));
        AdminClient process = RunningProcess.require(choice.config());
        List<TableSchema> tables = choice.schemas(sync, configuration.connectors());
        for (DatabaseSpec target : choice.receivers(sync)) {
            if (sync.sources().contains(target)) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "cannot copy to source \"" + target.name() + "\"",
                        "What is changed there would be lost.",
                        "Use \"replicator repair " + sync.name() + " --from DB --database " + target.name() + "\".");
            }
            confirmation.require("Empty "
                    + tables.stream()
                            .map(table -> table.table().name().toString())
                            .collect(Collectors.joining(", ")) + " on "
                    + target.name() + " and copy all rows from " + source.name() + "?");
            copy(
                    sync,
                    tables.size(),
                    target,
                    process,
                    request(sync, tables, source, target, configuration.connectors()));
        }
        return 0;
    }

    private static WholeTables request(
            SyncSpec sync, List<TableSchema> tables, DatabaseSpec source, DatabaseSpec target, Connectors connectors) {
        int node = sync.sourceCount() + sync.targets().indexOf(target);
        return target.kind().equals(Connectors.POSTGRES)
                ? WholeTables.ofPostgres(sync, node, tables, source.name())
                : WholeTables.ofOther(sync, node, tables, source.name(), connectors);
    }

    private static DatabaseSpec source(SyncSpec sync, DatabaseSpec database) {
        if (!sync.sources().contains(database)) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, "database \"" + database.name() + "\" is no source", null, null);
        }
        return database;
    }

    private void copy(SyncSpec sync, int tables, DatabaseSpec target, AdminClient process, WholeTables request) {
        PrintWriter out = spec.commandLine().getOut();
        request.ask(process);
        hurry(process, sync.name());
        String shown = "";
        while (request.unfinished() > 0) {
            String now = progress(process, sync.name(), target.name());
            if (!now.equals(shown) && !now.isEmpty()) {
                out.println(target.name() + ": " + now);
                out.flush();
                shown = now;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        out.println(target.name() + ": " + tables + (tables == 1 ? " table is" : " tables are") + " copied");
        out.flush();
    }

    /** A target that failed before does not wait for its next try. How far it is is asked for by itself. */
    private static void hurry(AdminClient process, String sync) {
        try {
            process.kick(sync, MOMENT);
        } catch (ReplicatorException e) {
            // Nothing is waited for here.
        }
    }

    /** What the process says of it; throws what a person has to mend. */
    private static String progress(AdminClient process, String sync, String target) {
        for (SyncStatus status : process.status()) {
            for (DatabaseStatus database : status.databases()) {
                if (status.sync().equals(sync) && database.database().equals(target) && database.target() != null) {
                    CopyStatus copy = database.target().copy();
                    return copy != null ? copy.inWords() : database.target().reason();
                }
            }
        }
        return "";
    }
}
