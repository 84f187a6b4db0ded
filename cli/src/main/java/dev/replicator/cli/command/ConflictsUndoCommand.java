package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.postgres.ConflictUndo;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
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

/** {@code replicator conflicts undo ID}. */
@Command(
        name = "undo",
        description = {
            "Writes the discarded version of a row back, as a new change that reaches every database like any other.",
            "Only if the row still is what the decision left, and only once. Not where a row that stands was put together",
            "from several changes (columns, delta)."
        },
        footer = {"", "Example:", "  replicator conflicts undo ID        with an ID of \"replicator conflicts list\""},
        mixinStandardHelpOptions = true)
public final class ConflictsUndoCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "ID", description = "The entry's id.")
    private String id = "";

    @Option(
            names = "--on",
            paramLabel = "DB",
            description = "The master to write to. Default: the one where the discarded change was made.")
    private @Nullable String on;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        Map<String, DatabaseSpec> masters = HistoryChoice.masters(configuration, null, on);
        Entry entry = find(HistoryChoice.masters(configuration, null, null));
        String name = on == null ? entry.loser().database() : on;
        DatabaseSpec master = masters.get(name);
        if (master == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "database \"" + name + "\" is no master any more",
                    null,
                    "Name one by --on: " + String.join(", ", masters.keySet()) + ".");
        }
        confirmation.require("Write the change on " + entry.loser().database() + " that was discarded ("
                + entry.loser().kind() + " of " + entry.table() + " "
                + entry.loser().key() + ") back, on " + name + "?");
        try (Connection connection = Sessions.open(master, "replicator undo")) {
            new ConflictUndo(connection, name, id).run(System.getProperty("user.name", "unknown"));
        } catch (SQLException e) {
            throw SqlErrors.doing("close the session on database \"" + name + "\"", e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("undone on " + name + "; the others get it by replication");
        out.flush();
        return 0;
    }

    /** The entry, from whichever master has it; refused when one says that it has been undone there. */
    private Entry find(Map<String, DatabaseSpec> masters) {
        Entry found = null;
        ReplicatorException failure = null;
        for (DatabaseSpec master : masters.values()) {
            try {
                Optional<Entry> entry = HistoryChoice.read(master, history -> history.show(id));
                if (entry.isPresent() && entry.get().undoneAt() != null) {
                    throw ReplicatorException.fatal(
                            ErrorCode.CONFLICT,
                            "cannot undo conflict \"" + id + "\" once more",
                            "It was undone on database \"" + master.name() + "\" at "
                                    + entry.get().undoneAt() + ".",
                            null);
                }
                found = entry.orElse(found);
            } catch (ReplicatorException e) {
                if (e.code() == ErrorCode.CONFLICT) {
                    throw e;
                }
                failure = e;
            }
        }
        if (found == null) {
            throw failure == null ? ConflictsShowCommand.unknown(id) : failure;
        }
        return found;
    }
}
