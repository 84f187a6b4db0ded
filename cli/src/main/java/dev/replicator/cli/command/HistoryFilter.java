package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.TimeSpan;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.ConflictHistory.Filter;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Which entries of the conflict history a command is about, and where they are read. */
final class HistoryFilter {
    @Parameters(arity = "0..1", paramLabel = "SYNC", description = "Only this sync's. Default: all.")
    private @Nullable String sync;

    @Option(
            names = {"-t", "--table"},
            paramLabel = "TABLE",
            description = "Only this table's: schema.name, or the bare name.")
    private @Nullable String table;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description =
                    "Only rows with this key: column=value, or a value of whatever key column. Several have to hold all.")
    private List<String> keys = List.of();

    @Option(
            names = {"-d", "--database"},
            paramLabel = "DB",
            description = "Only conflicts in which a change made on this database lost or won.")
    private @Nullable String database;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only what was recorded then or later: 2026-11-24, 2026-11-24T13:00:00Z, or so long ago: 2h.")
    private @Nullable Instant since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only what was recorded before; like --since.")
    private @Nullable Instant until;

    @Option(
            names = "--from",
            paramLabel = "DB",
            description = "The master to ask. Default: all; each has the same history once it is up to date.")
    private @Nullable String from;

    /** Points in time on the command line. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                if (value.matches("\\d+[a-z]+")) {
                    return Instant.now().minus(TimeSpan.parse(value));
                }
                return value.length() == 10
                        ? LocalDate.parse(value).atStartOfDay().toInstant(ZoneOffset.UTC)
                        : OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeParseException | IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + value + "\" is no time; write 2026-11-24, 2026-11-24T13:00:00Z or, for so long ago, 2h");
            }
        }
    }

    /** The masters to ask, by name; checks the names that were given. */
    Map<String, DatabaseSpec> masters(Configuration configuration) {
        if (sync != null) {
            configuration.sync(sync);
        }
        if (database != null) {
            configuration.database(database);
        }
        return HistoryChoice.masters(configuration, sync, from);
    }

    Filter filter() {
        Map<String, String> key = new LinkedHashMap<>();
        for (String given : keys) {
            int equals = given.indexOf('=');
            String column = equals < 0 ? "" : given.substring(0, equals);
            if (key.put(column, given.substring(equals + 1)) != null) {
                throw ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "--key is given twice for one column",
                        null,
                        "Name each column of the key: --key a=1 --key b=2.");
            }
        }
        return new Filter(sync, table, key, database, since, until);
    }
}
