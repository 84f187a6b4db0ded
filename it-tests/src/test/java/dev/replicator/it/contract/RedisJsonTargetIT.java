package dev.replicator.it.contract;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Redis 7.0, rows as JSON texts. */
final class RedisJsonTargetIT extends TargetContract {
    private static @Nullable RedisServer server;

    @BeforeAll
    static void start() {
        server = new RedisServer("json");
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected RedisServer server() {
        return Objects.requireNonNull(server);
    }
}
