package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.postgres.ConflictHistory.Entry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator conflicts export}. */
@Command(
        name = "export",
        description = {
            "Writes the whole conflict history, or what the filters leave of it, each conflict once: a line of JSON for each,",
            "or CSV with a header. Master by master, of each what the ones before did not have, the oldest first."
        },
        footer = {"", "Example:", "  replicator conflicts export --since 7d --format csv --output conflicts.csv"},
        mixinStandardHelpOptions = true)
public final class ConflictsExportCommand implements Callable<Integer> {
    private static final List<String> CSV = List.of(
            "id",
            "sync",
            "recorded_at",
            "type",
            "table",
            "policy",
            "reason",
            "undone_at",
            "loser_database",
            "loser_lsn",
            "loser_time",
            "loser_operation",
            "loser_key",
            "loser_row",
            "winner_database",
            "winner_lsn",
            "winner_time",
            "winner_operation",
            "winner_key",
            "winner_row");

    enum Format {
        json,
        csv
    }

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private HistoryFilter filter = new HistoryFilter();

    @Option(names = "--format", defaultValue = "json", description = "json or csv. Default: json, a line for each.")
    private Format format = Format.json;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file to write. Default: standard output.")
    private @Nullable Path output;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        if (output == null) {
            PrintWriter out = spec.commandLine().getOut();
            int exit = export(configuration, out);
            out.flush();
            return exit;
        }
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(output))) {
            int exit = export(configuration, out);
            if (out.checkError()) {
                throw new UncheckedIOException(new IOException("could not write"));
            }
            return exit;
        } catch (IOException | UncheckedIOException e) {
            throw ReplicatorException.fatal(ErrorCode.DISK, "cannot write \"" + output + "\"", e.getMessage(), null);
        }
    }

    private int export(Configuration configuration, PrintWriter out) {
        if (format == Format.csv) {
            out.println(String.join(",", CSV));
        }
        Set<String> ids = new HashSet<>();
        int exit = 0;
        for (DatabaseSpec master : filter.masters(configuration).values()) {
            try {
                HistoryChoice.each(master, filter.filter(), entry -> {
                    if (ids.add(entry.id())) {
                        out.println(
                                format == Format.csv
                                        ? csv(entry)
                                        : ConflictsShowCommand.json(entry).toString());
                    }
                });
            } catch (ReplicatorException e) {
                spec.commandLine().getErr().println(e.formatted());
                spec.commandLine().getErr().flush();
                exit = e.code().exitCode();
            }
        }
        return exit;
    }

    private static String csv(Entry entry) {
        ObjectNode json = ConflictsShowCommand.json(entry);
        List<String> fields = new ArrayList<>(List.of(
                entry.id(),
                entry.sync(),
                entry.recordedAt().toString(),
                entry.type(),
                entry.table().toString(),
                entry.policy(),
                entry.reason(),
                entry.undoneAt() == null ? "" : entry.undoneAt().toString()));
        for (String side : List.of("loser", "winner")) {
            for (String field : List.of("database", "commit_lsn", "commit_time", "operation", "key", "row")) {
                var value = json.path(side).path(field);
                fields.add(value.isNull() ? "" : value.isTextual() ? value.asText() : value.toString());
            }
        }
        return fields.stream().map(ConflictsExportCommand::quoted).collect(Collectors.joining(","));
    }

    /** As RFC 4180 has it. */
    private static String quoted(String field) {
        return field.matches("[^\",\r\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
    }
}
