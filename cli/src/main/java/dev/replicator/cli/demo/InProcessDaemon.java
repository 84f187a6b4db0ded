package dev.replicator.cli.demo;

import dev.replicator.cli.config.Configuration;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.LogListener;
import dev.replicator.observe.SyncStatus;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.slot.Publications;
import dev.replicator.slot.Slots;
import dev.replicator.slot.TableSelection;
import dev.replicator.spi.TargetFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/** The replicator in this process, as {@code replicator run} starts it. */
final class InProcessDaemon implements Daemon {
    private static final Duration STOP = Duration.ofSeconds(5);

    private final Replication replication;

    private InProcessDaemon(Replication replication) {
        this.replication = replication;
    }

    static Daemon start(Configuration configuration) {
        SyncSpec sync = configuration.syncs().get(0);
        Map<String, Catalog> catalogs = new HashMap<>();
        sync.sources().forEach(database -> {
            try (Connection connection = Sessions.open(database, "prepare")) {
                catalogs.put(database.name(), CatalogReader.read(connection, database.name()));
            } catch (SQLException e) {
                throw ReplicatorException.bug("close", e.toString());
            }
        });
        TableSelection selection = TableSelection.of(sync, catalogs);
        sync.sources().forEach(database -> {
            try (Connection connection = Sessions.open(database, "prepare")) {
                ReplicatorSchema.install(connection, database.name());
                new Publications(connection, database.name())
                        .ensure(ServerNames.publication(sync.name()), selection.tables());
            } catch (SQLException e) {
                throw ReplicatorException.bug("close", e.toString());
            }
        });
        sync.sources().forEach(database -> {
            try (Connection connection = Sessions.open(database, "prepare")) {
                new Slots(connection, database.name())
                        .create(ServerNames.slot(sync.name(), database.name()), blockers -> true);
            } catch (SQLException e) {
                throw ReplicatorException.bug("close", e.toString());
            }
        });
        Map<String, TargetFactory> factories = new HashMap<>();
        ServiceLoader.load(TargetFactory.class).forEach(factory -> factories.put(factory.kind(), factory));
        Replication replication =
                new Replication(sync, selection.tables(), factories, new LogListener(), ReplicationSettings.defaults());
        replication.start(false);
        return new InProcessDaemon(replication);
    }

    @Override
    public SyncStatus status() {
        return replication.status();
    }

    @Override
    public void pause() {
        replication.pause();
    }

    @Override
    public void resume() {
        replication.resume();
    }

    @Override
    public void close() {
        replication.stop(STOP);
    }
}
