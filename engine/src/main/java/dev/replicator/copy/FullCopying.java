package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.FullCopy;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.observe.CopyStatus;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.FullLoad;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies the tables of one database whole to another, from one snapshot, in one transaction there.
 *
 * <p>Guarantees: whoever reads there sees what the source held at one moment, before as after; what is interrupted has
 * changed nothing. The snapshot is taken once the other database has given the turn, so that of two copies the later one
 * has the later rows. Thread: one; {@link #close} any. Source: PostgreSQL documentation, "COPY", "Transaction Isolation".
 */
public final class FullCopying implements AutoCloseable {
    private final SyncSpec sync;
    private final FullCopy how;
    private final FullLoad load;
    private volatile @Nullable Connection source;
    private volatile @Nullable CopyProgress progress;
    private volatile boolean closed;

    /** {@code sync}: as {@link SyncSpec#copyingTo} gives it, for the database that {@code load} fills. */
    public FullCopying(SyncSpec sync, FullLoad load) {
        if (sync.fullCopy() == null) {
            throw new IllegalArgumentException("sync " + sync.name() + " copies no tables whole");
        }
        this.sync = sync;
        this.how = sync.fullCopy();
        this.load = load;
    }

    /** Copies. */
    public FullLoad.Done run(List<Table> tables) {
        load.want();
        load.begin();
        Connection connection = Sessions.open(how.source(), "replicator " + sync.name() + " full copy");
        source = connection;
        try (connection) {
            if (closed) {
                throw ReplicatorException.retryable(ErrorCode.CONNECTION, "could not copy: it was ended", null, null);
            }
            return copy(connection, tables);
        } catch (SQLException e) {
            throw SqlErrors.doing("read database \"" + how.source().name() + "\"", e);
        }
    }

    private FullLoad.Done copy(Connection connection, List<Table> tables) throws SQLException {
        try (Statement begin = connection.createStatement()) {
            begin.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        }
        Catalog catalog = CatalogReader.read(connection, how.source().name());
        CopyProgress counted = new CopyProgress(tables.size());
        List<SourceTable> sources = new ArrayList<>();
        for (Table table : tables) {
            SourceTable found = SourceTable.of(table, catalog);
            if (found == null) {
                throw ReplicatorException.retryable(
                        ErrorCode.TABLE,
                        "could not copy table " + table.name() + ": it is gone from database \""
                                + how.source().name() + "\"",
                        null,
                        null);
            }
            sources.add(found);
            counted.expect(Ranges.size(connection, found), List.of(whole()));
        }
        progress = counted;
        load.empty(tables, how.emptying());
        long rows = 0;
        for (SourceTable table : sources) {
            boolean binary = table.isBinary() && load.takesBinary(table.table(), table.columns());
            rows += load.load(table.table(), new RangeRows(connection, table, whole(), binary, counted));
            counted.tableDone();
        }
        return load.finish(how.source().name(), tables.size(), rows);
    }

    /** How far it is; null: it waits for its turn. Any thread. */
    public @Nullable CopyStatus progress() {
        CopyProgress counted = progress;
        return counted == null ? null : counted.status();
    }

    private static CopyRange whole() {
        return new CopyRange(0, null, null);
    }

    /** Ends it, also while another thread copies. Never throws. */
    @Override
    public void close() {
        closed = true;
        load.close();
        Connection reading = source;
        if (reading != null) {
            Sessions.closeQuietly(reading);
        }
    }
}
