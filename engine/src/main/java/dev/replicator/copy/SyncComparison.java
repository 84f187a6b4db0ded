package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tables of a sync on one PostgreSQL database with those of another, while both are written.
 *
 * <p>A row that is not the same is looked at again after everything committed before has been applied everywhere. If it
 * still is not, and has not changed meanwhile, it differs; one that changes all the time is counted apart.
 *
 * <p>Thread: one.
 */
public final class SyncComparison implements AutoCloseable {
    private static final int MOST_LOOKS = 5;

    private final SyncSpec sync;
    private final DatabaseSpec reference;
    private final DatabaseSpec other;
    private final @Nullable Runnable settling;
    private final Map<DatabaseSpec, Connection> sessions = new HashMap<>();
    private final Map<DatabaseSpec, Catalog> catalogs = new HashMap<>();

    /**
     * What came of one table.
     *
     * @param rows how many the reference has
     * @param differences rows that are not the same
     * @param inFlight how many more were not, but changed each time they were looked at
     */
    public record Result(TableName table, long rows, List<RowDifference> differences, long inFlight) {
        public Result {
            differences = List.copyOf(differences);
        }

        public long count(RowDifference.Kind kind) {
            return differences.stream().filter(row -> row.kind() == kind).count();
        }

        public boolean isEqual() {
            return differences.isEmpty();
        }
    }

    /** {@code settling}: returns when everything committed before is applied everywhere; null: nobody can tell. */
    public SyncComparison(SyncSpec sync, DatabaseSpec reference, DatabaseSpec other, @Nullable Runnable settling) {
        this.sync = sync;
        this.reference = reference;
        this.other = other;
        this.settling = settling;
    }

    /** Whether both databases are given the table with all its columns and rows, whatever its name. */
    public boolean isComparable(Table table) {
        return isWhole(mapping(table, reference)) && isWhole(mapping(table, other));
    }

    private static boolean isWhole(TableMapping mapping) {
        return mapping.where() == null && mapping.columns().equals(TableMapping.Columns.ALL);
    }

    private TableMapping mapping(Table table, DatabaseSpec database) {
        int node = sync.sourceCount() + sync.targets().indexOf(database);
        return node < sync.sourceCount() ? TableMapping.SAME : sync.mapping(node, table.name());
    }

    /** Of a table that is comparable. */
    public Result compare(Table table) {
        TableComparison comparison = of(table);
        List<RowDifference> found = comparison.differences();
        List<RowDifference> settled = new ArrayList<>();
        for (int look = 0; settling != null && !found.isEmpty() && look < MOST_LOOKS; look++) {
            settling.run();
            Set<RowDifference> before = new HashSet<>(found);
            found = new ArrayList<>(comparison.again(found));
            found.removeIf(row -> before.contains(row) && settled.add(row));
        }
        boolean told = settling != null;
        return new Result(table.name(), comparison.rows(), told ? settled : found, told ? found.size() : 0);
    }

    /** Has the rows that differ made on the other database as the reference has them; how many it was done for. */
    public long mend(Result result, Table table) {
        return new RowRepair(sync, session(reference), session(other), find(table, reference), find(table, other))
                .mend(result.differences(), isMaster(other));
    }

    private boolean isMaster(DatabaseSpec database) {
        return sync.isMultiMaster() && sync.sources().contains(database);
    }

    private TableComparison of(Table table) {
        return new TableComparison(session(reference), session(other), find(table, reference), find(table, other));
    }

    private SourceTable find(Table table, DatabaseSpec database) {
        Catalog catalog = catalogs.computeIfAbsent(database, spec -> CatalogReader.read(session(spec), spec.name()));
        SourceTable found = SourceTable.of(mapping(table, database).named(table), catalog);
        if (found == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.SCHEMA_DIFFERS,
                    "cannot compare table " + table.name() + ": it is not on database \"" + database.name() + "\"",
                    null,
                    null);
        }
        return found;
    }

    private Connection session(DatabaseSpec database) {
        return sessions.computeIfAbsent(
                database, spec -> Sessions.open(spec, "replicator " + sync.name() + " compares"));
    }

    @Override
    public void close() {
        sessions.values().forEach(Sessions::closeQuietly);
    }
}
