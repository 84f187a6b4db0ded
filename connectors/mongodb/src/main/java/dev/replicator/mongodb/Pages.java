package dev.replicator.mongodb;

import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjLongConsumer;

/**
 * A batch in pages: lists of changes with at most one for each document, so that all documents a page concerns can be read
 * before any is written. A TRUNCATE and a MOVE are pages of their own.
 */
final class Pages {
    private static final int ROWS = 1000;
    private static final long BYTES = 8 << 20;

    private final Documents documents;
    private final ObjLongConsumer<List<DocumentChange>> reader;
    private final Set<Key> keys = new HashSet<>();
    private List<DocumentChange> page = new ArrayList<>();
    private long bytes;

    private Pages(Documents documents, ObjLongConsumer<List<DocumentChange>> reader) {
        this.documents = documents;
        this.reader = reader;
    }

    /**
     * {@code inOrder}: as the sources made the changes, else merged, what is deleted first. {@code reader}: gets each page, and
     * how many bytes its rows have. Returns how many rows there were.
     */
    static long of(Batch batch, boolean inOrder, Documents documents, ObjLongConsumer<List<DocumentChange>> reader) {
        Pages pages = new Pages(documents, reader);
        long rows = 0;
        for (Chunk chunk : batch.chunks()) {
            (inOrder ? chunk.inOrder() : merged(chunk)).forEach(pages::add);
            pages.end();
            rows += chunk.merged().size();
        }
        return rows;
    }

    private static List<Operation> merged(Chunk chunk) {
        List<Operation> operations = new ArrayList<>();
        chunk.truncated().forEach(table -> operations.add(Operation.truncate(table)));
        for (Operation operation : chunk.merged()) {
            if (operation.kind() == Operation.Kind.DELETE) {
                operations.add(operation);
            }
        }
        for (Operation operation : chunk.merged()) {
            if (operation.kind() != Operation.Kind.DELETE) {
                operations.add(operation);
            }
        }
        return operations;
    }

    private void add(Operation operation) {
        boolean alone = operation.kind() == Operation.Kind.TRUNCATE || operation.kind() == Operation.Kind.MOVE;
        if (alone || page.size() == ROWS || bytes > BYTES || keys.contains(operation.requireKey())) {
            end();
        }
        page.add(documents.change(operation));
        if (alone) {
            end();
        } else {
            keys.add(operation.requireKey());
            bytes += operation.requireRow().sizeBytes();
        }
    }

    private void end() {
        if (!page.isEmpty()) {
            reader.accept(page, bytes);
            page = new ArrayList<>();
            keys.clear();
            bytes = 0;
        }
    }
}
