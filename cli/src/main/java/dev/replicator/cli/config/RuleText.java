package dev.replicator.cli.config;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.io.StringReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a conflict rule that stands by itself, on a command line, as it would stand in the file. */
public final class RuleText {
    private RuleText() {}

    /** Throws USAGE, with all that is wrong with it; {@code file}: that of the configuration, where relative names start. */
    public static ConflictRule parse(String text, Path file, SyncSpec sync) {
        Problems problems = new Problems("--policy");
        Path folder = file.toAbsolutePath().getParent();
        ConflictReader reader = new ConflictReader(
                new Values(problems, Environment.ofProcess()),
                folder == null ? Path.of("/") : folder,
                sync.sources().stream().map(DatabaseSpec::name).toList());
        Node node = compose(text);
        ConflictRule rule = node == null ? null : reader.read(node, "--policy");
        if (rule == null || !problems.isEmpty()) {
            String detail = String.join(
                    " ",
                    problems.list().stream()
                            .map(problem -> problem.message() + ".")
                            .toList());
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot understand the policy \"" + text + "\"",
                    detail.isEmpty() ? "It is not valid YAML." : detail,
                    "Write it as in the configuration: first, or '{ priority: [db1, db2] }'.");
        }
        return rule;
    }

    private static @Nullable Node compose(String text) {
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
        } catch (YAMLException e) {
            return null;
        }
    }
}
