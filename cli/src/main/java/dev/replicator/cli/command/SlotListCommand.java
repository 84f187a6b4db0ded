package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.replicator.cli.config.ByteSize;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.status.TextTable;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Slot;
import dev.replicator.slot.Slots;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator slot list}. */
@Command(
        name = "list",
        description = {
            "Lists the slots of all sources: the log they make their servers keep, who uses them, and whether the server has"
                    + " given one up.",
            "\"left\" is how much more log may be written before the server may give the slot up"
                    + " (max_slot_wal_keep_size); \"failover\" whether standbys keep the slot in step (17 and"
                    + " newer)."
        },
        footer = {"", "Examples:", "  replicator slot list", "  replicator slot list --all --json"},
        mixinStandardHelpOptions = true)
public final class SlotListCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--all", description = "Also slots that belong to no sync of this configuration.")
    private boolean all;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Found(String database, @Nullable String sync, Slot slot) {}

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        Map<String, String> syncBySlot = new HashMap<>();
        Map<String, DatabaseSpec> sources = new LinkedHashMap<>();
        for (SyncSpec sync : configuration.syncs()) {
            for (DatabaseSpec source : sync.sources()) {
                if (!source.kind().equals(Connectors.POSTGRES)) {
                    continue;
                }
                sources.put(source.name(), source);
                syncBySlot.put(ServerNames.slot(sync.name(), source.name()), sync.name());
            }
        }
        List<Found> found = new ArrayList<>();
        int exit = 0;
        for (DatabaseSpec source : sources.values()) {
            try (Connection connection = Sessions.open(source, "replicator slot list")) {
                String name = connection.getCatalog();
                new Slots(connection, source.name())
                        .list().stream()
                                .filter(slot -> name.equals(slot.database()))
                                .map(slot -> new Found(source.name(), syncBySlot.get(slot.name()), slot))
                                .filter(slot -> all || slot.sync != null)
                                .forEach(found::add);
            } catch (SQLException e) {
                exit = complain(SqlErrors.doing("ask database \"" + source.name() + "\"", e));
            } catch (ReplicatorException e) {
                exit = complain(e);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(found) : text(found));
        out.flush();
        return exit;
    }

    private int complain(ReplicatorException failure) {
        spec.commandLine().getErr().println(failure.formatted());
        spec.commandLine().getErr().flush();
        return failure.code().exitCode();
    }

    private static String text(List<Found> found) {
        if (found.isEmpty()) {
            return "no slots; \"replicator run\" or \"replicator slot create SYNC\" makes them\n";
        }
        TextTable table = new TextTable(
                "database", "sync", "slot", "active pid", "acknowledged", "retained", "left", "failover", "state");
        for (Found one : found) {
            Slot slot = one.slot;
            table.row(
                    one.database,
                    one.sync == null ? "(none)" : one.sync,
                    slot.name(),
                    slot.isActive() ? Integer.toString(slot.activePid()) : "-",
                    Lsn.format(slot.confirmedFlush()),
                    ByteSize.format(slot.retainedBytes()),
                    slot.safeWalBytes() < 0 ? "-" : ByteSize.format(slot.safeWalBytes()),
                    slot.failover() ? "yes" : "no",
                    slot.isInvalidated()
                            ? "invalidated: " + slot.invalidation()
                            : slot.walStatus() == null ? "-" : slot.walStatus());
        }
        return table.render("");
    }

    private static String json(List<Found> found) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Found one : found) {
            Slot slot = one.slot;
            array.addObject()
                    .put("database", one.database)
                    .put("sync", one.sync)
                    .put("slot", slot.name())
                    .put("plugin", slot.plugin())
                    .put("temporary", slot.temporary())
                    .put("active_pid", slot.isActive() ? (Integer) slot.activePid() : null)
                    .put("holder", slot.holder())
                    .put("restart", Lsn.format(slot.restartLsn()))
                    .put("acknowledged", Lsn.format(slot.confirmedFlush()))
                    .put("retained_bytes", slot.retainedBytes())
                    .put("left_bytes", slot.safeWalBytes() < 0 ? null : (Long) slot.safeWalBytes())
                    .put("wal_status", slot.walStatus())
                    .put("invalidation", slot.invalidation())
                    .put("failover", slot.failover());
        }
        return array.toPrettyString() + "\n";
    }
}
