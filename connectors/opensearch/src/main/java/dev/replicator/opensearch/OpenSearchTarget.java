package dev.replicator.opensearch;

import dev.replicator.codec.ColumnType;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An OpenSearch or Elasticsearch cluster that receives batches.
 *
 * <p>The unit is weaker than other targets': the server has no transactions, so a batch is a run of requests, and the
 * progress is written after them. Readers see a batch come about, and one that a crash has cut off is written again, by a
 * later session. Each write of a document has a version ({@link Versions}) that no earlier session's can overcome; so
 * documents end as the sources have them, whatever arrives late or twice.
 *
 * <p>Thread: one; {@link #close} may be called by another.
 */
final class OpenSearchTarget implements PauseTarget, FillableTarget {
    private final RestSession rest;
    private final TargetRequest request;
    private final OpenSearchOptions options;
    private final Indices indices;
    private final SyncDocuments stored;
    private final Refusals refusals;
    private final BulkWriter writer;
    private final Truncation truncation;
    private final Documents documents;
    private final Map<Table, TableSchema> schemas = new HashMap<>();
    private final Map<Relation, Shape> shapes = new IdentityHashMap<>();
    private StoredProgress progress;
    private @Nullable Versions versions;

    /**
     * How rows of one relation are written.
     *
     * @param fields by column
     */
    private record Shape(String index, RowReader reader, FieldType[] fields) {}

    OpenSearchTarget(RestSession rest, TargetRequest request, OpenSearchOptions options, Indices indices) {
        String database = request.database().name();
        this.rest = rest;
        this.request = request;
        this.options = options;
        this.indices = indices;
        this.stored =
                new SyncDocuments(rest, options.progressIndex(), request.sync().name(), database);
        this.refusals = new Refusals(database);
        this.writer = new BulkWriter(rest, stored, refusals);
        this.truncation = new Truncation(rest, writer);
        this.documents = new Documents(options);
        this.progress = StoredProgress.none(request.sourceNames().size());
        request.tables().forEach(schema -> schemas.put(schema.table(), schema));
    }

    private <T> T within(Supplier<T> action) {
        try {
            return action.get();
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    @Override
    public TargetState start(long own) {
        return within(() -> {
            long fence = stored.take(own);
            versions = new Versions(fence);
            for (TableSchema schema : request.tables()) {
                indices.prepare(
                        schema.table(),
                        schema.columns().stream().map(ColumnType::of).toList());
            }
            progress = StoredProgress.parse(stored.progress(), request.sourceNames());
            return progress.state(fence);
        });
    }

    private BulkPage page() {
        if (versions == null) {
            throw new IllegalStateException("it was not started");
        }
        return new BulkPage(versions.next());
    }

    @Override
    public WriteResult write(Batch batch) {
        return within(() -> {
            stored.confirm();
            StoredProgress next = progress.after(batch, stored.fence());
            Set<String> touched = new LinkedHashSet<>();
            long rows = 0;
            for (Chunk chunk : batch.chunks()) {
                chunk.truncated().forEach(table -> truncate(table, touched));
                write(chunk.merged(), touched);
                rows += chunk.merged().size();
            }
            if (options.refreshes() && !touched.isEmpty()) {
                Truncation.refresh(rest, List.copyOf(touched));
            }
            stored.store(next.text(request.sourceNames()));
            progress = next;
            return new WriteResult(Set.of(), rows);
        });
    }

    private void truncate(Table table, Set<String> touched) {
        String index = indices.of(table);
        touched.add(index);
        if (versions == null) {
            throw new IllegalStateException("it was not started");
        }
        truncation.run(index, versions.next());
    }

    /** {@code operations}: one for each key at most. */
    private void write(List<Operation> operations, Set<String> touched) {
        if (operations.isEmpty()) {
            return;
        }
        BulkPage page = page();
        for (Operation operation : operations) {
            if (page.isFull()) {
                writer.send(page);
                page = page();
            }
            Shape shape = shape(operation.requireRow().relation());
            touched.add(shape.index());
            add(page, shape, operation);
        }
        writer.send(page);
    }

    private void add(BulkPage page, Shape shape, Operation operation) {
        Row row = operation.requireRow();
        BulkPage.Item item =
                new BulkPage.Item(shape.index(), DocumentIds.of(shape.reader(), row), shape.reader(), operation);
        switch (operation.kind()) {
            case DELETE -> page.delete(item, null);
            case UPSERT, UPDATE -> {
                if (!row.isWhole()) {
                    throw refusals.partial(
                            shape.reader(),
                            operation,
                            operation.adds() ? "adds to a counter" : "does not carry every column");
                }
                index(page, shape, item, operation);
            }
            case MOVE ->
                throw refusals.partial(
                        shape.reader(), operation, "gives a row another key and does not carry every column");
            case TRUNCATE -> throw new IllegalArgumentException("a TRUNCATE is no row");
        }
    }

    private void index(BulkPage page, Shape shape, BulkPage.Item item, Operation operation) {
        try {
            page.index(item, json -> documents.write(json, shape.reader(), shape.fields(), operation.requireRow()));
        } catch (Documents.Unrepresentable e) {
            throw refusals.unrepresentable(shape.reader(), operation, e.column(), e);
        }
    }

    private Shape shape(Relation relation) {
        Shape shape = shapes.get(relation);
        if (shape == null) {
            RowReader reader = RowReader.of(relation, schemas.get(relation.table()));
            FieldType[] fields = new FieldType[relation.size()];
            ColumnType[] columns = new ColumnType[relation.size()];
            for (int c = 0; c < fields.length; c++) {
                columns[c] = reader.type(c);
                fields[c] = FieldType.of(columns[c], options);
            }
            // Columns may have been added since the session was opened.
            indices.prepare(relation.table(), List.of(columns));
            shape = new Shape(indices.of(relation.table()), reader, fields);
            shapes.put(relation, shape);
        }
        return shape;
    }

    @Override
    public @Nullable Positions held() {
        return within(() -> {
            String text = stored.progress();
            return text == null
                    ? null
                    : StoredProgress.parse(text, request.sourceNames()).held();
        });
    }

    @Override
    public List<JoinedTable> joined() {
        return within(() ->
                StoredProgress.parse(stored.progress(), request.sourceNames()).joined());
    }

    @Override
    public boolean isEmpty(Table table) {
        return within(() -> truncation.isEmpty(indices.of(table)));
    }

    @Override
    public Optional<PauseMark> pause() {
        return within(stored::pause);
    }

    @Override
    public void pause(PauseMark mark) {
        within(() -> {
            stored.pause(mark);
            return mark;
        });
    }

    @Override
    public List<String> forget() {
        return within(() ->
                stored.forget() ? List.of("progress of sync \"" + request.sync().name() + "\"") : List.of());
    }

    @Override
    public void close() {
        rest.close();
    }
}
