package dev.replicator.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link PostgresServer} is to be like. Thread: one. */
public final class PostgresServerBuilder {

    private static final int FIRST_WITH_ACTIVE_ORIGINS = 18;

    private final Map<String, String> settings = new LinkedHashMap<>();
    private int version;
    private int port;
    private boolean durable;
    private @Nullable Path dataDirectory;

    PostgresServerBuilder() {}

    /** Major version, for instance 18. Default: the newest at hand. */
    public PostgresServerBuilder version(int majorVersion) {
        this.version = majorVersion;
        return this;
    }

    /** TCP port on 127.0.0.1; 0, the default, picks a free one. */
    public PostgresServerBuilder port(int tcpPort) {
        this.port = tcpPort;
        return this;
    }

    /** A server setting, for instance {@code wal_writer_delay} and {@code 10s}. Beats the defaults. */
    public PostgresServerBuilder setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /**
     * Whether data outlives a crash of the machine, as in production: {@code fsync} and {@code synchronous_commit} on.
     * Default: false, which outlives a crash of the server only, and is faster.
     */
    public PostgresServerBuilder durable(boolean durable) {
        this.durable = durable;
        return this;
    }

    /**
     * Where the data lie. A cluster that is already there is used; it is kept when the server is closed. Default: a
     * directory of its own, deleted when the server is closed.
     */
    public PostgresServerBuilder dataDirectory(Path directory) {
        this.dataDirectory = directory.toAbsolutePath();
        return this;
    }

    /** A running server; the caller closes it. */
    public PostgresServer start() {
        PostgresServer server = create();
        try {
            server.start();
        } catch (RuntimeException failure) {
            server.close();
            throw failure;
        }
        return server;
    }

    /** A server that does not run yet; the caller closes it. */
    public PostgresServer create() {
        PostgresBinaries binaries = version == 0 ? PostgresBinaries.newest() : PostgresBinaries.of(version);
        try {
            Path servers = Account.temporaryDirectory().resolve("servers");
            FileTree.create(servers, "rwxr-xr-x");
            Leftovers.sweep(servers);
            Path directory = Files.createTempDirectory(servers, binaries.majorVersion() + "-");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Leftovers.claim(directory);
            return new PostgresServer(
                    this, binaries, directory, dataDirectory == null ? directory.resolve("data") : dataDirectory);
        } catch (IOException failure) {
            throw new EmbeddedPostgresException(
                    "could not create a directory for a PostgreSQL server",
                    failure.toString(),
                    "-Djava.io.tmpdir names another place.",
                    failure);
        }
    }

    int port() {
        return port;
    }

    boolean keepsNoData() {
        return dataDirectory == null;
    }

    Map<String, String> effectiveSettings(int majorVersion) {
        Map<String, String> effective = new LinkedHashMap<>();
        effective.put("listen_addresses", "127.0.0.1");
        effective.put("unix_socket_directories", "");
        effective.put("wal_level", "logical");
        effective.put("max_replication_slots", "20");
        effective.put("max_wal_senders", "20");
        effective.put("shared_buffers", "32MB");
        // In the data directory, so that a killed server leaves nothing in /dev/shm.
        effective.put("dynamic_shared_memory_type", "mmap");
        effective.put("fsync", durable ? "on" : "off");
        effective.put("synchronous_commit", "on");
        if (majorVersion >= FIRST_WITH_ACTIVE_ORIGINS) {
            effective.put("max_active_replication_origins", "20");
        }
        effective.putAll(settings);
        return effective;
    }
}
