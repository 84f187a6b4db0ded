package dev.replicator.it.contract;

import dev.replicator.it.contract.MySqlServer.Flavour;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** MariaDB 11.4, a database of its own for each test. */
final class MariaDbTargetIT extends SqlTargetContract {
    private static @Nullable MySqlServer server;

    @BeforeAll
    static void start() {
        server = new MySqlServer(Flavour.MARIADB);
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
        return "ALTER TABLE people ADD UNIQUE (name)";
    }
}
