package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** A connection URL that stands on a command line instead of in a file: the same forms, the same defaults. */
public final class DatabaseUrl {
    private DatabaseUrl() {}

    /** Throws USAGE, without repeating the URL, when it is not one. */
    public static DatabaseSpec parse(String name, String url, Environment environment) {
        Problems problems = new Problems("URL");
        Values values = new Values(problems, environment);
        ScalarNode node = new ScalarNode(Tag.STR, url.replace("${", "$${"), null, null, ScalarStyle.DOUBLE_QUOTED);
        DatabaseSpec spec = new DatabaseReader(values, Path.of(""), Connectors.none()).read(name, node);
        List<Problem> found = problems.list();
        if (spec == null || !found.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot use a connection URL",
                    found.isEmpty() ? null : found.get(0).message().replace("database \"" + name + "\"", "the URL"),
                    "Write postgresql://user@host:port/database.");
        }
        return spec;
    }
}
