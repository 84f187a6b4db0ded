package dev.replicator.it.harness;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What a {@link Server} is to be like: ready for logical replication, and fast, unless told otherwise. Thread: one. */
public final class ServerBuilder {
    private static final int FIRST_WITH_ACTIVE_ORIGINS = 18;
    private static final ConcurrentSkipListMap<Integer, Integer> STARTED = new ConcurrentSkipListMap<>();

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final int version;

    ServerBuilder(int version) {
        this.version = version;
        setting("wal_level", "logical");
        setting("max_connections", "100");
        setting("max_replication_slots", "40");
        setting("max_wal_senders", "40");
        if (version >= FIRST_WITH_ACTIVE_ORIGINS) {
            setting("max_active_replication_origins", "40");
        }
        setting("shared_buffers", "32MB");
        setting("checkpoint_timeout", "1h");
        // Writers that meet in the wrong order are common in tests; the default waits a second for each.
        setting("deadlock_timeout", "100ms");
        durable(false);
    }

    /** A server setting, for instance {@code wal_writer_delay} and {@code 10s}. */
    public ServerBuilder setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /** Whether commits are written through to the disk, as in production; default: false. */
    public ServerBuilder durable(boolean durable) {
        return setting("fsync", durable ? "on" : "off");
    }

    /** A running server; the caller closes it. */
    public Server start() {
        Server server = Containers.areUsed()
                ? ContainerServer.start(version, settings)
                : EmbeddedServer.start(version, settings);
        STARTED.merge(version, 1, Integer::sum);
        return server;
    }

    /** How many servers of each version this process has started. */
    static SortedMap<Integer, Integer> started() {
        return new TreeMap<>(STARTED);
    }
}
