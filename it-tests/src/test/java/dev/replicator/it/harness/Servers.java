package dev.replicator.it.harness;

import dev.replicator.embedded.PostgresBinaries;
import dev.replicator.embedded.PostgresServer;
import dev.replicator.embedded.PostgresServerBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Servers that all scenarios of this process share: started when first asked for, ended with the process. */
public final class Servers {
    /** The oldest supported version. */
    public static final int OLDEST = 14;
    /** The newest supported version. */
    public static final int NEWEST = 18;

    private static final Map<String, PostgresServer> SHARED = new ConcurrentHashMap<>();

    private Servers() {}

    /** The first shared server of a version. */
    public static PostgresServer of(int version) {
        return of(version, 1);
    }

    /** The first shared server of every version at hand: oldest and newest, with {@code -Pfull} all that are supported. */
    public static List<PostgresServer> ofAllVersions() {
        return PostgresBinaries.availableVersions().stream().map(Servers::of).toList();
    }

    /** The shared server of that number and version: servers of different numbers have clocks, logs and slots of their own. */
    public static PostgresServer of(int version, int number) {
        return SHARED.computeIfAbsent(
                version + "/" + number, key -> builder(version).start());
    }

    /** For a server that a scenario kills or stops, and closes. */
    public static PostgresServerBuilder builder(int version) {
        return PostgresServer.builder()
                .version(version)
                .setting("max_connections", "100")
                .setting("max_replication_slots", "40")
                .setting("max_wal_senders", "40")
                .setting("checkpoint_timeout", "1h");
    }
}
