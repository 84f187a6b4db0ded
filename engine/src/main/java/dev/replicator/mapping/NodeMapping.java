package dev.replicator.mapping;

import dev.replicator.model.Batch;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Provenance;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.FullLoad;
import dev.replicator.spi.RowExpressions;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What one database is given of each table of a sync: batches go in as they were merged, and come out as that database
 * takes them. Tables without a mapping pass untouched.
 *
 * <p>Guarantees: the same batch becomes the same again; progress, numbers and the order are untouched, so that what is
 * exactly once stays so. Thread: one uses {@link #batch}; everything else any.
 */
public final class NodeMapping {
    /** Everything passes. */
    public static final NodeMapping NONE = new NodeMapping(Map.of());

    private final Map<Integer, MappedTable> tables;

    private NodeMapping(Map<Integer, MappedTable> tables) {
        this.tables = tables;
    }

    /** That of a database; throws CONFIGURATION for the first mapping that does not fit its table. */
    public static NodeMapping of(SyncSpec sync, int node, List<TableSchema> schemas) {
        Map<Integer, MappedTable> tables = new HashMap<>();
        for (TableSchema schema : schemas) {
            TableMapping mapping = sync.mapping(node, schema.table().name());
            if (!mapping.isSame()) {
                tables.put(schema.table().id(), table(schema, mapping));
            }
        }
        return tables.isEmpty() ? NONE : new NodeMapping(tables);
    }

    /** One table; throws CONFIGURATION when the mapping does not fit it. */
    public static MappedTable table(TableSchema schema, TableMapping mapping) {
        RowExpressions language = mapping.readsRows() ? language() : null;
        return new MappedTable(schema, mapping, language);
    }

    private static @Nullable RowExpressions language() {
        return ServiceLoader.load(RowExpressions.class, NodeMapping.class.getClassLoader())
                .findFirst()
                .orElse(null);
    }

    public boolean isNone() {
        return tables.isEmpty();
    }

    /** The tables as they are there. */
    public List<TableSchema> schemas(List<TableSchema> schemas) {
        return schemas.stream()
                .map(schema -> find(schema.table()).map(MappedTable::schema).orElse(schema))
                .toList();
    }

    /** What is configured for tables, under the names they have there. */
    public SyncSpec sync(SyncSpec sync) {
        return sync.named(sourceNames());
    }

    private Optional<MappedTable> find(Table table) {
        return Optional.ofNullable(tables.get(table.id()));
    }

    /** A batch as the database takes it. */
    public Batch batch(Batch batch) {
        if (isNone()) {
            return batch;
        }
        return new Batch(
                batch.number(),
                () -> StreamSupport.stream(batch.chunks().spliterator(), false)
                        .map(this::chunk)
                        .iterator(),
                batch.held(),
                batch.highest(),
                batch.conflicts(),
                batch.states(),
                batch.commitMicros(),
                provenance(batch.provenance()),
                batch.joined());
    }

    private Chunk chunk(Chunk chunk) {
        return new Chunk(
                chunk.truncated().stream()
                        .filter(table -> find(table)
                                .map(mapped -> mapped.carries(ChangeKind.TRUNCATE))
                                .orElse(true))
                        .map(table -> find(table).map(MappedTable::table).orElse(table))
                        .toList(),
                operations(chunk.merged()),
                new Later(() -> operations(chunk.inOrder())));
    }

    private List<Operation> operations(List<Operation> operations) {
        List<Operation> mapped = new ArrayList<>(operations.size());
        for (Operation operation : operations) {
            MappedTable table = tables.get(operation.table().id());
            Operation there = table == null ? operation : table.of(operation);
            if (there != null) {
                mapped.add(there);
            }
        }
        return mapped;
    }

    private Provenance provenance(Provenance original) {
        return new Provenance() {
            @Override
            public String transactions(Key key) {
                return original.transactions(before(key));
            }

            @Override
            public long commitMicros(Key key) {
                return original.commitMicros(before(key));
            }
        };
    }

    private Key before(Key key) {
        MappedTable table = tables.get(key.table().id());
        return table == null ? key : table.before(key);
    }

    /** Whole tables, for a database that is given them otherwise. */
    public TableLoad load(TableLoad load) {
        return isNone() ? load : new MappedLoad(load, tables.values());
    }

    /** Tables that are emptied and filled, for a database that is given them otherwise. */
    public FullLoad load(FullLoad load) {
        return isNone() ? load : new MappedFullLoad(load, tables.values());
    }

    /** What a database told of its tables, under the names that the sources know them by. */
    public TargetState state(TargetState state) {
        if (isNone() || state.copied().isEmpty()) {
            return state;
        }
        Map<TableName, TableName> names = sourceNames();
        Map<TableName, Positions> copied = new HashMap<>();
        state.copied().forEach((table, held) -> copied.put(names.getOrDefault(table, table), held));
        return new TargetState(
                state.fence(),
                state.lastFence(),
                state.lastBatch(),
                state.held(),
                state.states(),
                state.ownState(),
                state.logEnd(),
                state.markSecret(),
                state.quarantined(),
                state.policies(),
                copied);
    }

    private Map<TableName, TableName> sourceNames() {
        Map<TableName, TableName> names = new HashMap<>();
        for (MappedTable table : tables.values()) {
            names.put(table.table().name(), table.source().table().name());
        }
        return names;
    }

    /** What became of a batch, as the rest of the program knows the rows: nothing is decided of rows that were mapped. */
    public WriteResult result(WriteResult result) {
        if (isNone() || result.refusals().isEmpty()) {
            return result;
        }
        return new WriteResult(
                result.skipped(),
                result.rows(),
                result.quarantined(),
                result.refusals().stream()
                        .filter(refusal ->
                                !tables.containsKey(refusal.refused().table().id()))
                        .toList());
    }
}
