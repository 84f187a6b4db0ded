package dev.replicator.it.contract;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** H2 2.5, for any JDBC database that keeps to the standard. */
final class H2TargetIT extends SqlTargetContract {
    private static @Nullable H2Server server;

    @BeforeAll
    static void start() {
        server = new H2Server(false);
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ContractServer server() {
        return Objects.requireNonNull(server);
    }

    @Override
    protected String uniqueName() {
        return "ALTER TABLE \"people\" ADD CONSTRAINT people_name UNIQUE (\"name\")";
    }
}
