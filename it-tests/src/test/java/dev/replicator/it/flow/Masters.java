package dev.replicator.it.flow;

import dev.replicator.connector.Connectors;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.observe.Listener;
import dev.replicator.observe.Listeners;
import dev.replicator.observe.LogListener;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import dev.replicator.postgres.PostgresTargetFactory;
import dev.replicator.session.Sessions;
import dev.replicator.slot.BinaryForm;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.slot.Publications;
import dev.replicator.slot.Slots;
import dev.replicator.slot.TableSelection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A sync over databases on embedded servers, prepared as {@code run} would prepare it, and running replications of it. */
final class Masters implements AutoCloseable {
    private final List<Server> servers = new ArrayList<>();
    private final List<Replication> running = new ArrayList<>();
    private final String name;
    private @Nullable SyncSpec sync;
    private List<Table> tables = List.of();
    private boolean binarySafe;
    private SyncSpec.ForeignOrigins foreignOrigins = SyncSpec.ForeignOrigins.FORWARD;

    Masters(String name) {
        this.name = name;
    }

    Masters ignoringForeignOrigins() {
        foreignOrigins = SyncSpec.ForeignOrigins.IGNORE;
        return this;
    }

    /** Masters m1, m2, ... and targets t1, t2, ..., each a server of its own, all with these tables. */
    Masters start(int version, int masters, int targets, String... ddl) {
        return start(List.of(version), masters, targets, ddl);
    }

    /** As {@link #start(int, int, int, String...)}, the servers in turn of these versions. */
    Masters start(List<Integer> versions, int masters, int targets, String... ddl) {
        List<DatabaseSpec> sources = new ArrayList<>();
        List<DatabaseSpec> receivers = new ArrayList<>();
        for (int i = 0; i < masters + targets; i++) {
            Server server = Servers.builder(versions.get(i % versions.size())).start();
            servers.add(server);
            server.createDatabase("app");
            String database = i < masters ? "m" + (i + 1) : "t" + (i - masters + 1);
            DatabaseSpec spec =
                    new DatabaseSpec(database, "postgres", server.jdbcUrl("app"), "postgres", null, Map.of());
            (i < masters ? sources : receivers).add(spec);
            for (String sql : ddl) {
                run(spec, sql);
            }
        }
        sync = new SyncSpec(
                name,
                sources,
                receivers,
                null,
                foreignOrigins,
                new SyncSpec.SlotBudget(20L << 30, Duration.ofHours(24)),
                new SyncSpec.ClockLimit(Duration.ofSeconds(60), SyncSpec.WhenExceeded.WARN));
        prepare();
        return this;
    }

    private void prepare() {
        Map<String, Catalog> catalogs = new TreeMap<>();
        for (int node = 0; node < sync().nodeCount(); node++) {
            DatabaseSpec spec = sync().node(node);
            try (Connection connection = Sessions.open(spec, "test")) {
                catalogs.put(spec.name(), CatalogReader.read(connection, spec.name()));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        tables = TableSelection.of(sync(), catalogs).tables();
        binarySafe = BinaryForm.isSafe(tables, catalogs.values(), sync().nodeCount());
        for (DatabaseSpec spec : sync().sources()) {
            try (Connection connection = Sessions.open(spec, "test")) {
                new Publications(connection, spec.name()).ensure(ServerNames.publication(name), tables);
                new Slots(connection, spec.name()).create(ServerNames.slot(name, spec.name()), blockers -> true);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    SyncSpec sync() {
        if (sync == null) {
            throw new IllegalStateException("not started");
        }
        return sync;
    }

    boolean isBinarySafe() {
        return binarySafe;
    }

    Server server(int node) {
        return servers.get(node);
    }

    Replication replicate(Listener... listeners) {
        return replicate(ReplicationSettings.defaults(), listeners);
    }

    Replication replicate(ReplicationSettings settings, Listener... listeners) {
        Connectors connectors = Connectors.of(new PostgresTargetFactory());
        SyncSpec spec = sync();
        List<TableSchema> schemas =
                tables.stream().map(table -> new TableSchema(table, List.of())).toList();
        List<Listener> all = new ArrayList<>(List.of(listeners));
        all.add(new LogListener());
        Replication replication = new Replication(
                spec, tables, node -> connectors.open(spec, node, schemas), Listeners.of(all), settings);
        running.add(replication);
        replication.start(false);
        return replication;
    }

    void run(int node, String... statements) {
        for (String sql : statements) {
            run(sync().node(node), sql);
        }
    }

    private static void run(DatabaseSpec spec, String sql) {
        try (Connection connection = Sessions.open(spec, "test", Map.of("search_path", "public"));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** First column of all rows, in order of the query. */
    List<String> query(int node, String sql) {
        try (Connection connection = open(node);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Connection open(int node) {
        return Sessions.open(sync().node(node), "test", Map.of("search_path", "public"));
    }

    @Override
    public void close() {
        running.forEach(replication -> replication.stop(Duration.ofSeconds(5)));
        servers.forEach(Server::close);
    }
}
