package dev.replicator.slot;

import dev.replicator.embedded.PostgresServer;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.SyncSpec.SlotBudget;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.session.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One server of each version for all tests of this package; they end with the process. */
public final class TestServers {
    private static final Map<Integer, PostgresServer> RUNNING = new HashMap<>();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private TestServers() {}

    public static synchronized PostgresServer version(int major) {
        return RUNNING.computeIfAbsent(
                major,
                version -> PostgresServer.builder()
                        .version(version)
                        .setting("max_replication_slots", "40")
                        .setting("max_wal_senders", "20")
                        .setting("max_prepared_transactions", "4")
                        .start());
    }

    /** A new database on the server, described under {@code name} for the superuser. */
    public static DatabaseSpec database(int major, String name) {
        String onServer = name + "_" + DATABASES.incrementAndGet();
        version(major).createDatabase(onServer);
        return spec(major, name, onServer, "postgres");
    }

    public static DatabaseSpec spec(int major, String name, String onServer, String user) {
        return new DatabaseSpec(name, "postgres", version(major).jdbcUrl(onServer), user, null, Map.of());
    }

    public static DatabaseSpec as(DatabaseSpec spec, String user) {
        return new DatabaseSpec(spec.name(), spec.kind(), spec.url(), user, spec.password(), spec.options());
    }

    public static Connection open(DatabaseSpec spec) {
        return Sessions.open(spec, "test");
    }

    public static void run(DatabaseSpec spec, String... statements) {
        try (Connection connection = Sessions.open(spec, "test", Map.of("search_path", "public"));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Catalog catalog(DatabaseSpec spec) {
        try (Connection connection = open(spec)) {
            return CatalogReader.read(connection, spec.name());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Map<String, Catalog> catalogs(SyncSpec sync) {
        Map<String, Catalog> catalogs = new HashMap<>();
        for (int node = 0; node < sync.nodeCount(); node++) {
            catalogs.put(sync.node(node).name(), catalog(sync.node(node)));
        }
        return catalogs;
    }

    public static SyncSpec sync(
            String name, List<DatabaseSpec> sources, List<DatabaseSpec> targets, @Nullable List<String> tables) {
        return new SyncSpec(
                name,
                sources,
                targets,
                tables,
                ForeignOrigins.FORWARD,
                new SlotBudget(1L << 30, Duration.ofHours(24)),
                new ClockLimit(Duration.ofSeconds(60), WhenExceeded.WARN));
    }
}
