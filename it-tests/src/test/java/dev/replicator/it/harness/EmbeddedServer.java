package dev.replicator.it.harness;

import dev.replicator.embedded.PostgresServer;
import dev.replicator.embedded.PostgresServerBuilder;
import java.util.Map;

/** A server from binaries. */
final class EmbeddedServer implements Server {
    private final PostgresServer postgres;

    private EmbeddedServer(PostgresServer postgres) {
        this.postgres = postgres;
    }

    static EmbeddedServer start(int version, Map<String, String> settings) {
        PostgresServerBuilder builder = PostgresServer.builder().version(version);
        settings.forEach(builder::setting);
        return new EmbeddedServer(builder.start());
    }

    @Override
    public int majorVersion() {
        return postgres.majorVersion();
    }

    @Override
    public int port() {
        return postgres.port();
    }

    @Override
    public String hostForServers() {
        return "127.0.0.1";
    }

    @Override
    public void start() {
        postgres.start();
    }

    @Override
    public void killHard() {
        postgres.killHard();
    }

    @Override
    public void freeze() {
        postgres.freeze();
    }

    @Override
    public void unfreeze() {
        postgres.unfreeze();
    }

    @Override
    public void close() {
        postgres.close();
    }
}
