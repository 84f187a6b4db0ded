package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.NearestWord;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.slot.Preflight;
import dev.replicator.slot.TablePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is to be compared: tables of a sync, on some of its databases. */
final class ComparisonChoice {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(index = "0", paramLabel = "SYNC", description = "Name of the sync.")
    private String sync = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "TABLE", description = "Tables or patterns. Default: all.")
    private List<String> tables = List.of();

    @Option(
            names = "--database",
            paramLabel = "DB",
            description = "Only this database; may be given several times. Default: all the others.")
    private List<String> databases = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = SpanConverter.class,
            description =
                    "How long to wait, each time, until what is on its way has been applied. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    SyncSpec sync(Configuration configuration) {
        return configuration.sync(sync);
    }

    ConfigOption config() {
        return config;
    }

    Configuration configuration() {
        return config.read();
    }

    /** The process that replicates, if it can tell when what is on its way has arrived. */
    Optional<AdminClient> process() {
        return config.runningProcess();
    }

    /** Waits until everything committed before is applied; null: no process runs. */
    @Nullable
    Runnable settling() {
        return process()
                .<Runnable>map(process -> () -> process.await(sync, null, timeout))
                .orElse(null);
    }

    List<Table> tables(SyncSpec spec, Connectors connectors) {
        return schemas(spec, connectors).stream().map(TableSchema::table).toList();
    }

    /** The chosen tables with their columns, as a source has them. */
    List<TableSchema> schemas(SyncSpec spec, Connectors connectors) {
        Preflight.Report report = Preflight.runPart(replicating(spec), connectors);
        List<TablePattern> patterns = tables.stream().map(TablePattern::parse).toList();
        List<TableSchema> chosen = report.schemas().stream()
                .filter(schema -> patterns.isEmpty()
                        || patterns.stream()
                                .anyMatch(pattern ->
                                        pattern.matches(schema.table().name())))
                .toList();
        if (chosen.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    tables.isEmpty()
                            ? "sync \"" + sync + "\" has no table that can be read"
                            : "no table of sync \"" + sync + "\" is called " + String.join(" or ", tables),
                    null,
                    "\"replicator check\" names its tables.");
        }
        return chosen;
    }

    private static SyncSpec replicating(SyncSpec sync) {
        if (!sync.replicates()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync.name() + "\" replicates no changes",
                    "It only copies tables whole.",
                    "\"replicator kick " + sync.name() + "\" copies them once more.");
        }
        sync.sources().forEach(ComparisonChoice::comparable);
        return sync;
    }

    /** A database of the sync that can be compared. */
    DatabaseSpec database(SyncSpec spec, String name) {
        return comparable(named(spec, name));
    }

    private DatabaseSpec named(SyncSpec spec, String name) {
        List<String> names = new ArrayList<>();
        for (int node = 0; node < spec.nodeCount(); node++) {
            if (spec.node(node).name().equals(name)) {
                return spec.node(node);
            }
            names.add(spec.node(node).name());
        }
        throw ReplicatorException.fatal(
                ErrorCode.USAGE,
                "database \"" + name + "\" is not in sync \"" + sync + "\"" + NearestWord.hint(name, names),
                "Its databases are " + String.join(", ", names) + ".",
                null);
    }

    private static DatabaseSpec comparable(DatabaseSpec database) {
        if (!database.kind().equals(Connectors.POSTGRES)) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot compare database \"" + database.name() + "\"",
                    "It is no PostgreSQL database.",
                    null);
        }
        return database;
    }

    /** Databases that only receive: those that were named, or all. */
    List<DatabaseSpec> receivers(SyncSpec spec) {
        List<DatabaseSpec> receivers = databases.isEmpty()
                ? spec.targets()
                : databases.stream().map(name -> named(spec, name)).toList();
        if (receivers.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "sync \"" + sync + "\" has no database that only receives",
                    null,
                    "\"replicator repair\" mends what differs on a master.");
        }
        return receivers;
    }

    /** Those that are compared with {@code reference}. */
    List<DatabaseSpec> others(SyncSpec spec, DatabaseSpec reference) {
        List<DatabaseSpec> others = new ArrayList<>();
        if (databases.isEmpty()) {
            for (int node = 0; node < spec.nodeCount(); node++) {
                DatabaseSpec database = spec.node(node);
                if (!database.name().equals(reference.name()) && database.kind().equals(Connectors.POSTGRES)) {
                    others.add(database);
                }
            }
            return others;
        }
        databases.forEach(name -> others.add(database(spec, name)));
        others.removeIf(database -> database.name().equals(reference.name()));
        return others;
    }
}
