package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.ConflictHistory;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.postgres.ConflictHistory.Filter;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which databases' conflict history is read: the one named, or all masters. */
final class HistoryChoice {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = "--from",
            paramLabel = "DB",
            description = "The master to ask. Default: all; each has the same history once it is up to date.")
    private @Nullable String from;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    boolean isJson() {
        return json;
    }

    Configuration configuration() {
        return config.read();
    }

    Map<String, DatabaseSpec> masters(Configuration configuration) {
        return masters(configuration, null, from);
    }

    /** Every master of the syncs wanted; {@code sync} null: of all. {@code database}: only this one, or null for all. */
    static Map<String, DatabaseSpec> masters(
            Configuration configuration, @Nullable String sync, @Nullable String database) {
        Map<String, DatabaseSpec> masters = new LinkedHashMap<>();
        for (SyncSpec spec : configuration.syncs()) {
            if (spec.isMultiMaster() && (sync == null || spec.name().equals(sync))) {
                spec.sources().stream()
                        .filter(source -> database == null || source.name().equals(database))
                        .forEach(source -> masters.put(source.name(), source));
            }
        }
        if (masters.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    database == null
                            ? "there is no conflict history: no sync has more than one source"
                            : "database \"" + configuration.database(database).name()
                                    + "\" has no conflict history: it is not one of several sources",
                    null,
                    null);
        }
        return masters;
    }

    static void each(DatabaseSpec master, Filter filter, Consumer<Entry> consumer) {
        boolean unused = read(master, history -> {
            history.all(filter, consumer);
            return true;
        });
    }

    static <T> T read(DatabaseSpec master, Function<ConflictHistory, T> action) {
        try (Connection connection = Sessions.open(master, "replicator conflicts")) {
            return action.apply(new ConflictHistory(connection));
        } catch (SQLException e) {
            throw SqlErrors.doing("close the session on database \"" + master.name() + "\"", e);
        }
    }
}
