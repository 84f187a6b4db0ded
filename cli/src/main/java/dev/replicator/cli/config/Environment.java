package dev.replicator.cli.config;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration may refer to outside its file; handed in, so that a test can have its own.
 *
 * @param variables environment variables
 * @param home the user's home directory, for {@code .pg_service.conf}
 * @param userName the operating system's user, the default database user as in libpq
 */
public record Environment(Map<String, String> variables, Path home, String userName) {
    public Environment {
        variables = Map.copyOf(variables);
    }

    /** That of this process. */
    public static Environment ofProcess() {
        return new Environment(
                System.getenv(),
                Path.of(System.getProperty("user.home", "/")),
                System.getProperty("user.name", "postgres"));
    }

    @Nullable
    String get(String name) {
        return variables.get(name);
    }
}
