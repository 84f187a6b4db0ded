package dev.replicator.cli.command;

import dev.replicator.cli.config.DatabaseUrl;
import dev.replicator.cli.config.Environment;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.session.Endpoint;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator init URL URL ...}. */
@Command(
        name = "init",
        description = {
            "Writes a commented sync.yaml from live databases: every URL becomes a source that also receives (multi-master),"
                    + " named after its database.",
            "The tables that can and cannot be replicated are listed as comments, with reasons. Passwords are not written:"
                    + " the file refers to environment variables."
        },
        footer = {
            "",
            "Examples:",
            "  replicator init postgresql://replicator@db1/shake postgresql://replicator@db2/shake",
            "  replicator init --target postgresql://db3/reports postgresql://db1/shake"
        },
        mixinStandardHelpOptions = true)
public final class InitCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "URL", description = "The sources: postgresql://user@host/database, ...")
    private List<String> sources = List.of();

    @Option(
            names = {"-t", "--target"},
            paramLabel = "URL",
            description = "A database that only receives; may be given several times.")
    private List<String> targets = new ArrayList<>();

    @Option(
            names = "--sync",
            paramLabel = "NAME",
            defaultValue = "main",
            description = "Name of the sync. Default: ${DEFAULT-VALUE}.")
    private String sync = "main";

    @Option(
            names = {"-o", "--output", "-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "sync.yaml",
            description = "The file to write. Default: ${DEFAULT-VALUE}.")
    private Path file = Path.of("sync.yaml");

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        List<String> urls = new ArrayList<>(sources);
        urls.addAll(targets);
        if (urls.size() < 2) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, "a sync needs at least two databases", null, "Name another URL, or a --target.");
        }
        Map<String, DatabaseSpec> databases = new LinkedHashMap<>();
        Map<String, Catalog> catalogs = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        for (String url : urls) {
            DatabaseSpec unnamed = DatabaseUrl.parse("new", url, Environment.ofProcess());
            String name = name(Endpoint.of(unnamed).database(), names);
            DatabaseSpec database = DatabaseUrl.parse(name, url, Environment.ofProcess());
            databases.put(name, database);
            catalogs.put(name, catalog(database));
        }
        if (Files.exists(file)) {
            confirmation.require("Overwrite \"" + file + "\"?");
        }
        String text = new SampleConfiguration(sync, databases, sources.size(), catalogs).text();
        write(text);
        PrintWriter out = spec.commandLine().getOut();
        out.println("wrote " + file + "; next: replicator check --config " + file);
        out.flush();
        return 0;
    }

    private void write(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.DISK,
                    "could not write \"" + file + "\"",
                    e.getClass().getSimpleName() + ": " + e.getMessage(),
                    null,
                    e);
        }
    }

    /** A name that the configuration allows, with a number when it is taken. */
    static String name(String database, Set<String> taken) {
        String plain = database.replaceAll("[^A-Za-z0-9_-]+", "_").replaceFirst("^(?=[0-9-]|$)", "db");
        String cut = plain.substring(0, Math.min(40, plain.length()));
        String name = cut;
        for (int number = 2; !taken.add(name); number++) {
            name = cut + number;
        }
        return name;
    }

    private static Catalog catalog(DatabaseSpec database) {
        @Nullable Connection connection = Sessions.open(database, "replicator init");
        try (connection) {
            return CatalogReader.read(connection, database.name());
        } catch (SQLException e) {
            throw SqlErrors.doing("read the tables of database \"" + database.name() + "\"", e);
        }
    }
}
