package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Detaching;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The one database that a command is about, in every sync it belongs to. */
final class DatabaseChoice {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "DB", description = "Short name of the database in the file.")
    private String database = "";

    String database() {
        return database;
    }

    Configuration configuration() {
        return config.read();
    }

    /** One for each sync; throws USAGE when there is none. */
    List<Detaching> detaching(Configuration configuration, Consumer<String> said) {
        configuration.database(database);
        List<Detaching> all = configuration.syncs().stream()
                .filter(sync -> Detaching.concerns(sync, database))
                .map(sync -> new Detaching(sync, database, configuration.connectors(), said))
                .toList();
        if (all.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "no sync replicates to or from database \"" + database + "\"",
                    null,
                    "Databases under fullcopy are copied to only when asked, or by the timetable.");
        }
        return all;
    }

    /** By the running process, if there is one, else by this. */
    void run(String command, Configuration configuration, Consumer<Detaching> what, PrintWriter out) {
        Optional<AdminClient> running = config.runningProcess();
        if (running.isPresent()) {
            running.get().database(database, command, LIMIT).forEach(out::println);
        } else {
            detaching(configuration, out::println).forEach(what);
        }
        out.flush();
    }
}
