package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.NearestWord;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Names one slot of the configuration: the sync, and the source where it has several. */
final class SlotChoice {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Option(
            names = {"-d", "--database"},
            paramLabel = "DB",
            description = "The source. May be left out when the sync has only one.")
    private @Nullable String database;

    private @Nullable Configuration configuration;

    SyncSpec sync() {
        SyncSpec chosen = configuration().sync(sync);
        if (!chosen.replicates()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync + "\" has no replication slot",
                    "It only copies tables whole, and reads no log.",
                    null);
        }
        if (Connectors.readsForeign(chosen)) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync + "\" has no replication slot",
                    "Its source is no PostgreSQL database: what its log is read on from stands in the targets.",
                    null);
        }
        return chosen;
    }

    Connectors connectors() {
        return configuration().connectors();
    }

    private Configuration configuration() {
        if (configuration == null) {
            configuration = config.read();
        }
        return configuration;
    }

    Optional<AdminClient> runningProcess() {
        return config.runningProcess();
    }

    /** The source named, or the only one. */
    DatabaseSpec source() {
        List<DatabaseSpec> sources = sources();
        if (sources.size() > 1) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync + "\" has several sources",
                    "They are " + names(sources) + ".",
                    "Name one with --database.");
        }
        return sources.get(0);
    }

    /** The source named, or all. */
    List<DatabaseSpec> sources() {
        List<DatabaseSpec> sources = sync().sources();
        if (database == null) {
            return sources;
        }
        List<DatabaseSpec> named =
                sources.stream().filter(s -> s.name().equals(database)).toList();
        if (named.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "\"" + database + "\" is not a source of sync \"" + sync + "\""
                            + NearestWord.hint(
                                    database,
                                    sources.stream().map(DatabaseSpec::name).toList()),
                    "Its sources are " + names(sources) + ".",
                    null);
        }
        return named;
    }

    private static String names(List<DatabaseSpec> databases) {
        return String.join(", ", databases.stream().map(DatabaseSpec::name).toList());
    }

    String slot() {
        return ServerNames.slot(sync().name(), source().name());
    }

    /** Does something with the slots of the source's server. */
    <T> T with(Function<Slots, T> action) {
        DatabaseSpec source = source();
        try (Connection connection = Sessions.open(source, "replicator slot")) {
            return action.apply(new Slots(connection, source.name()));
        } catch (SQLException e) {
            throw SqlErrors.doing("close the session on database \"" + source.name() + "\"", e);
        }
    }
}
