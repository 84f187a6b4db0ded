package dev.replicator.postgres;

import dev.replicator.codec.MarkCodec;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.OnError;
import dev.replicator.model.PerTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.session.SyncRows;
import dev.replicator.spi.AsynchronousCommits;
import dev.replicator.spi.Correction;
import dev.replicator.spi.MasterTarget;
import dev.replicator.spi.QuarantineTarget;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A PostgreSQL database, 14 or newer, that receives batches: a master of the sync, or a database that only receives.
 *
 * <p>Guarantees: those of {@link dev.replicator.spi.Target}. Rows, progress for all sources, conflict history and, on a master, the mark are
 * one transaction, which starts by locking the progress row and comparing the fence number. Commits are asynchronous; on
 * a master the mark read from the log tells that a batch is durable, elsewhere {@link #durableBatch} asks the server.
 *
 * <p>Limits: columns GENERATED ALWAYS AS IDENTITY that are no key are inserted but never updated (the server refuses it to
 * everyone). A row of a table that has nothing but such a key is not locked by an upsert that finds it. PostgreSQL 14 has
 * no {@code GRANT SET ON PARAMETER}: there an administrator runs {@code ALTER ROLE ... SET session_replication_role =
 * replica} once for the role.
 *
 * <p>Thread: one; {@link #close} may be called by another, and ends what the first one waits for.
 */
final class PostgresTarget implements MasterTarget, AsynchronousCommits, QuarantineTarget {
    private static final int MAX_UNFLUSHED = 10_000;
    private static final int SHORT_PAGE_HEADER_BYTES = 24;
    private static final int LONG_PAGE_HEADER_BYTES = 40;

    private static final PerTable<OnError> NO_RULES = PerTable.all(OnError.STOP);

    private final Connection connection;
    private final SyncSpec sync;
    private final int node;
    private final List<Table> tables;
    private final Shapes shapes;
    private final ArrayDeque<Committed> unflushed = new ArrayDeque<>();
    private @Nullable BatchWriter writer;
    private long durableBatch;
    private long walBlockBytes = 8_192;
    private volatile boolean writing;

    /** A batch and a position of the server's log behind its commit record. */
    private record Committed(long batch, long position) {}

    PostgresTarget(Connection connection, SyncSpec sync, int node, List<Table> tables, Shapes shapes) {
        this.connection = connection;
        this.sync = sync;
        this.node = node;
        this.tables = tables;
        this.shapes = shapes;
    }

    @Override
    public TargetState start(long own) {
        try {
            return startFenced(own);
        } catch (SQLException e) {
            throw SqlErrors.doing("take over sync \"" + sync.name() + "\" on database \"" + database() + "\"", e)
                    .within(context());
        } catch (ReplicatorException e) {
            throw e.within(context());
        }
    }

    @Override
    public @Nullable Positions held() {
        try {
            if (!ReplicatorSchema.isInstalled(connection)) {
                return null;
            }
            Progress progress = Progress.read(
                    connection,
                    sync.name(),
                    sync.sources().stream().map(DatabaseSpec::name).toList());
            return progress.lastFence() == 0 ? null : progress.held();
        } catch (SQLException e) {
            throw SqlErrors.doing("read the progress on database \"" + database() + "\"", e)
                    .within(context());
        }
    }

    @Override
    public List<String> forget() {
        return SyncRows.delete(connection, sync.name(), database())
                ? List.of("what sync \"" + sync.name() + "\" stored in schema \"replicator\"")
                : List.of();
    }

    private TargetState startFenced(long own) throws SQLException {
        Fence fence = new Fence(connection, sync.name(), database());
        fence.take(own);
        boolean rowsOnly = isMaster()
                && sync.foreignOrigins() == SyncSpec.ForeignOrigins.IGNORE
                && connection.getMetaData().getDatabaseMajorVersion() >= 16;
        Origin origin = Origin.open(connection, ServerNames.origin(sync.name(), database()), rowsOnly, fence);
        List<String> sources = sync.sources().stream().map(DatabaseSpec::name).toList();
        Progress progress = Progress.read(connection, sync.name(), sources);
        byte[] secret = isMaster() ? MarkSecret.of(connection, sync.name()) : new byte[0];
        long logEnd = isMaster() ? position("SELECT pg_catalog.pg_current_wal_flush_lsn()") : 0;
        walBlockBytes = Long.parseLong(ask("SHOW wal_block_size"));
        Marks marks = isMaster() ? new Marks(new MarkCodec(sync.name(), secret), sync.name(), sources) : null;
        Quarantine quarantine = new Quarantine(connection, sync.name(), shapes, sync.onError(), isMaster());
        quarantine.reload();
        Orphans orphans = new Orphans(connection, sync.name(), shapes, isMaster() ? sync.onError() : NO_RULES);
        orphans.load();
        TargetState state = new TargetState(
                fence.number(),
                progress.lastFence(),
                progress.lastBatch(),
                progress.held(),
                progress.states(),
                progress.ownState(),
                logEnd,
                secret,
                quarantine.size() + orphans.size(),
                isMaster() ? PolicyRows.read(connection, sync.name()) : StoredPolicies.NONE,
                copied(sources, progress.held()));
        writer = new BatchWriter(new WriteSession(
                connection,
                sync.name(),
                database(),
                sources,
                shapes,
                origin,
                progress,
                marks,
                quarantine,
                orphans,
                fence.number()));
        return state;
    }

    /** Tables that hold more than all the others. */
    private Map<TableName, Positions> copied(List<String> sources, Positions held) throws SQLException {
        Map<TableName, Positions> copied = new TableJoins(connection, sync.name(), sources).copied();
        copied.values().removeIf(held::coversAll);
        return copied;
    }

    @Override
    public WriteResult write(Batch batch) {
        BatchWriter started = started();
        writing = true;
        try {
            WriteResult result = started.write(batch);
            unflushed.addLast(new Committed(batch.number(), withoutPageHeader(started.committedAt())));
            if (unflushed.size() > MAX_UNFLUSHED) {
                unflushed.removeFirst();
            }
            return result;
        } catch (SQLException e) {
            throw WriteErrors.of(e, sync.name(), database(), blocker(e)).within(context());
        } catch (ReplicatorException e) {
            throw e.within(context());
        } finally {
            writing = false;
        }
    }

    @Override
    public long durableBatch() {
        if (unflushed.isEmpty()) {
            return durableBatch;
        }
        try {
            long flushed = position("SELECT pg_catalog.pg_current_wal_flush_lsn()");
            while (!unflushed.isEmpty() && unflushed.getFirst().position() <= flushed) {
                durableBatch = unflushed.removeFirst().batch();
            }
            return durableBatch;
        } catch (SQLException e) {
            throw SqlErrors.doing("ask database \"" + database() + "\" for what it has flushed", e)
                    .within(context());
        }
    }

    @Override
    public void storeState(SourceState state) {
        try {
            started().storeState(state);
        } catch (SQLException e) {
            throw WriteErrors.of(e, sync.name(), database(), null).within(context());
        }
    }

    @Override
    public void storePolicies(StoredPolicies policies) {
        try {
            started().storePolicies(policies);
        } catch (SQLException e) {
            throw WriteErrors.of(e, sync.name(), database(), null).within(context());
        }
    }

    @Override
    public Correction.Result correct(Correction correction) {
        String doing = "correct a row on database \"" + database() + "\"";
        BatchWriter started = started();
        try (Connection own = Sessions.open(sync.node(node), "replicator " + sync.name() + " correction")) {
            return new Corrections(own, sync.name(), started.fence(), shapes).make(correction);
        } catch (SQLException e) {
            throw SqlErrors.doing(doing, e).within(context());
        } catch (ReplicatorException e) {
            throw e.within(context());
        }
    }

    @Override
    public boolean writeAgain(Row row) {
        try (Connection own = Sessions.open(sync.node(node), "replicator " + sync.name() + " writes again")) {
            return new RowAgain(own, sync.name(), started().fence(), shapes).write(row);
        } catch (SQLException e) {
            throw WriteErrors.of(e, sync.name(), database(), null).within(context());
        } catch (ReplicatorException e) {
            throw e.within(context());
        }
    }

    @Override
    public Duration clockOffset() {
        try {
            long before = System.currentTimeMillis();
            long there = Long.parseLong(
                    ask("SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8::text"));
            long after = System.currentTimeMillis();
            return Duration.ofNanos((there - (before + after) * 500) * 1000);
        } catch (SQLException e) {
            throw SqlErrors.doing("ask database \"" + database() + "\" for its clock", e)
                    .within(context());
        }
    }

    @Override
    public void retryRefused() {
        started().retryRefused();
    }

    @Override
    public void decided(Refusal refusal) {
        started().decided(refusal);
    }

    @Override
    public void close() {
        if (writing) {
            // A server that waits for a lock would notice only seconds later that nobody is there any more.
            try {
                connection.unwrap(PGConnection.class).cancelQuery();
            } catch (SQLException e) {
                // The session is given up either way.
            }
        }
        Sessions.closeQuietly(connection);
    }

    /** The first position on a page counts its header as well, which is written only with the next record. */
    private long withoutPageHeader(long position) {
        long onPage = position % walBlockBytes;
        return onPage == SHORT_PAGE_HEADER_BYTES || onPage == LONG_PAGE_HEADER_BYTES ? position - onPage : position;
    }

    private boolean isMaster() {
        return sync.isMultiMaster() && node < sync.sourceCount();
    }

    private BatchWriter started() {
        if (writer == null) {
            throw new IllegalStateException("the session has not been started");
        }
        return writer;
    }

    private @Nullable String blocker(SQLException e) {
        if (!SqlErrors.state(e).equals("55P03")) {
            return null;
        }
        return Blockers.describe(connection, tables);
    }

    private long position(String sql) throws SQLException {
        return Lsn.parse(ask(sql)).value();
    }

    private String ask(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private String database() {
        return sync.node(node).name();
    }

    private String context() {
        return "sync \"" + sync.name() + "\", database \"" + database() + "\"";
    }
}
