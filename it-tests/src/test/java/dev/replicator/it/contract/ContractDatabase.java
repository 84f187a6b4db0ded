package dev.replicator.it.contract;

import dev.replicator.apply.Merge;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A database of a sync, as its configuration file names it, and sessions of its target as the engine opens them. */
final class ContractDatabase {
    private final Configuration configuration;
    private final ContractServer.Place place;

    /** {@code options}: as they stand in the file, {@code "create_tables: true"}. */
    ContractDatabase(Path folder, ContractServer.Place place, String... options) {
        this.place = place;
        String user = place.user() == null ? "" : ", user: \"" + place.user() + "\"";
        String password = place.password() == null ? "" : ", password: \"" + place.password() + "\"";
        String yaml = "databases:\n  shake1: postgresql://nowhere.example/shake\n  copy: { url: \"" + place.url() + "\""
                + user
                + password + ", options: { " + String.join(", ", options) + " } }\n"
                + "syncs:\n  bard: { sources: [shake1], targets: [copy] }\n";
        try {
            this.configuration = ConfigurationReader.read(
                    Files.writeString(folder.resolve("sync.yaml"), yaml), Environment.ofProcess());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ContractServer.Place place() {
        return place;
    }

    Target open(ContractTable... tables) {
        List<TableSchema> schemas = new ArrayList<>();
        for (ContractTable table : tables) {
            schemas.add(table.schema());
        }
        return configuration.connectors().open(sync(), 1, schemas);
    }

    private SyncSpec sync() {
        SyncSpec sync = configuration.sync("bard");
        if (place.driverUrl() == null) {
            return sync;
        }
        DatabaseSpec read = sync.node(1);
        DatabaseSpec other = new DatabaseSpec(
                read.name(), read.kind(), place.driverUrl(), read.user(), read.password(), read.options());
        return new SyncSpec(
                sync.name(),
                sync.sources(),
                List.of(other),
                sync.tables(),
                sync.foreignOrigins(),
                sync.slotBudget(),
                sync.clockLimit());
    }

    /** A batch that makes the source's position its number times 100. */
    static Batch batch(long number, Operation... operations) {
        return batch(number, List.of(chunk(operations)));
    }

    static Batch batch(long number, Iterable<Chunk> chunks) {
        return new Batch(number, chunks, Positions.of(number * 100), 0, List.of(), List.of(SourceState.none(1)), 0);
    }

    /** As the engine makes it: merged by key, and in its order. */
    static Chunk chunk(Operation... operations) {
        Merge merge = new Merge();
        for (Operation operation : operations) {
            merge.add(operation);
        }
        return merge.toChunk();
    }
}
