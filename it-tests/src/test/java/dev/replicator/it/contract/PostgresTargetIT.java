package dev.replicator.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.Target;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

    /** It is given whole tables in another way, by COPY. */
    @Test
    @Override
    void howATableJoinedIsKeptWithTheProgress() {
        try (Target target = open(database(), new ContractTable(0, "people", 1, "id int8", "name text"))) {
            assertThat(target).isNotInstanceOf(FillableTarget.class);
        }
    }
}
