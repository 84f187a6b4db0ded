package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableSchema;
import dev.replicator.pipeline.Databases;
import dev.replicator.pipeline.ReplicationSettings;
import dev.replicator.slot.Preflight;
import dev.replicator.spi.Source;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.Target;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The databases of one sync, by the connectors of their kinds. Any thread. */
final class OpenedDatabases implements Databases {
    private final SyncSpec sync;
    private final List<TableSchema> schemas;
    private final Connectors connectors;
    private final ReplicationSettings settings;

    OpenedDatabases(SyncSpec sync, List<TableSchema> schemas, Connectors connectors, ReplicationSettings settings) {
        this.sync = sync;
        this.schemas = schemas;
        this.connectors = connectors;
        this.settings = settings;
    }

    @Override
    public Optional<Supplier<Source>> source(int source) {
        DatabaseSpec database = sync.sources().get(source);
        return database.kind().equals(Connectors.POSTGRES)
                ? Optional.empty()
                : Optional.of(() ->
                        connectors.openSource(sync, database, schemas, settings.spool(), settings.transactionBytes()));
    }

    @Override
    public Target open(int node) {
        return connectors.open(sync, node, schemas);
    }

    @Override
    public NodeMapping mapping(int node) {
        return NodeMapping.of(sync, node, schemas);
    }

    @Override
    public boolean takesWholeRowsOnly(int node) {
        return connectors.takesWholeRowsOnly(sync.node(node));
    }

    @Override
    public boolean mend(int node) {
        try {
            return AddedColumns.carry(Preflight.runPart(sync, connectors));
        } catch (ReplicatorException e) {
            // What could not be asked is reported by who works on it.
            return false;
        }
    }

    @Override
    public Optional<TableLoad> load(int node) {
        return connectors.load(sync, node, schemas);
    }
}
