package dev.replicator.it.contract;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** PostgreSQL as a target that only receives, the newest version of the run. */
final class PostgresTargetIT extends TargetContract {
    private static @Nullable PostgresDatabases server;

    @BeforeAll
    static void start() {
        server = new PostgresDatabases();
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
}
