package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.admin.AdminPlace;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --config}, and what follows from it. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file. Default: $REPLICATOR_CONFIG, or ./sync.yaml.")
    private @Nullable Path file;

    Path file() {
        if (file != null) {
            return file;
        }
        String variable = System.getenv("REPLICATOR_CONFIG");
        return Path.of(variable == null || variable.isEmpty() ? "sync.yaml" : variable);
    }

    /** Reads it; all its mistakes are one CONFIGURATION error. */
    Configuration read() {
        return ConfigurationReader.read(file(), Environment.ofProcess());
    }

    AdminPlace adminPlace() {
        return AdminPlace.of(file(), System.getenv());
    }

    /** The process that runs with this file, if there is one. */
    Optional<AdminClient> runningProcess() {
        return AdminClient.find(adminPlace());
    }
}
