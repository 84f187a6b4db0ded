package dev.replicator.it.contract;

import dev.replicator.it.contract.MySqlServer.Flavour;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

/** MySQL 8.0, a database of its own for each test; not on machines without libaio. */
@EnabledIf(value = "runs", disabledReason = "MySQL was NOT TESTED: this machine has no libaio.so.1 (Debian: libaio1)")
final class MySqlTargetIT extends SqlTargetContract {
    private static @Nullable MySqlServer server;

    static boolean runs() {
        return MySqlServer.runs(Flavour.MYSQL);
    }

    @BeforeAll
    static void start() {
        server = new MySqlServer(Flavour.MYSQL);
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
