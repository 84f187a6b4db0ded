package dev.replicator.jdbc;

import dev.replicator.codec.PauseText;
import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.jdbc.Tables.ColumnsMissing;
import dev.replicator.model.Batch;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Remark;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC database that receives batches. Rows and progress are one transaction, which begins by locking the row of the
 * progress and comparing the fence number; its commit is durable.
 *
 * <p>Limits: tables are emptied by DELETE, as TRUNCATE ends a transaction on most databases. Thread: one; {@link #close} may
 * be called by another.
 */
final class JdbcTarget implements PauseTarget, FillableTarget {
    private static final int LOCK_ATTEMPTS = 3;

    private final Connection connection;
    private final Dialect dialect;
    private final TargetRequest request;
    private final ProgressTable progressTable;
    private final Tables tables;
    private final BatchWriter writer;
    private final JdbcErrors errors;
    private StoredProgress progress;
    private long fence;

    JdbcTarget(
            Connection connection, Dialect dialect, TargetRequest request, ProgressTable progressTable, Tables tables) {
        this.connection = connection;
        this.dialect = dialect;
        this.request = request;
        this.progressTable = progressTable;
        this.tables = tables;
        this.errors = new JdbcErrors(dialect, database(), request.context());
        this.writer = new BatchWriter(
                connection, dialect, JdbcOptions.encoder(dialect, request.database()), tables, database());
        this.progress = StoredProgress.none(request.sourceNames().size());
    }

    private String database() {
        return request.database().name();
    }

    /** What is wrong with the tables. */
    List<Remark> check() {
        try {
            return tables.check();
        } catch (SQLException e) {
            throw errors.of("look at the tables of database \"" + database() + "\"", e);
        }
    }

    /** Worth knowing, not in the way. */
    List<Remark> warnings() {
        try {
            return dialect.warnings(connection).stream()
                    .map(sentence -> new Remark(
                            Remark.Severity.NOTICE,
                            ErrorCode.TABLE,
                            dialect.product() + ": " + sentence,
                            null,
                            null,
                            List.of()))
                    .toList();
        } catch (SQLException e) {
            throw errors.of("look at database \"" + database() + "\"", e);
        }
    }

    @Override
    public TargetState start(long own) {
        try {
            dialect.beforeWriting(connection);
            progressTable.create();
            tables.createMissing();
            progressTable.createRow();
            takeFence(own);
            progress = progressTable.progress(request.sourceNames());
            return progress.state(fence);
        } catch (SQLException e) {
            throw errors.of("take over sync \"" + request.sync().name() + "\" on database \"" + database() + "\"", e);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    /** Ends the session that holds the row, where that is possible: by now its process is gone, or has lost the slots. */
    private void takeFence(long own) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            refuseOther(own, progressTable.fence());
            try {
                raiseFence(own);
                return;
            } catch (SQLException e) {
                String holder = progressTable.holder();
                if (dialect.meaning(e).kind() != Kind.ROLLED_BACK || holder == null || attempt == LOCK_ATTEMPTS) {
                    throw e;
                }
                refuseOther(own, progressTable.fence());
                dialect.end(connection, holder);
            }
        }
    }

    private void raiseFence(long own) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Long stands = progressTable.lockedFence();
            refuseOther(own, stands);
            fence = stands == null ? 1 : stands + 1;
            progressTable.take(fence, dialect.sessionId(connection));
            connection.commit();
        } catch (SQLException | ReplicatorException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private void refuseOther(long own, @Nullable Long stands) {
        if (own != 0 && (stands == null || stands != own)) {
            throw fenced(own, stands);
        }
    }

    private ReplicatorException fenced(long own, @Nullable Long stands) {
        return new ReplicatorException(
                        Kind.FENCED,
                        ErrorCode.SLOT_BUSY,
                        "cannot write to database \"" + database()
                                + "\" any more: another process has taken over sync \""
                                + request.sync().name() + "\"",
                        "This process took fence number " + own + "; it is " + stands + " by now.",
                        null,
                        null)
                .within(request.context());
    }

    @Override
    public WriteResult write(Batch batch) {
        try {
            try {
                return writeOnce(batch);
            } catch (ColumnsMissing e) {
                for (String statement : e.statements()) {
                    tables.run(statement);
                }
                tables.forget();
                writer.forget();
                return writeOnce(batch);
            }
        } catch (SQLException e) {
            throw errors.ofBatch(e);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private WriteResult writeOnce(Batch batch) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Long stands = progressTable.lockedFence();
            if (stands == null || stands != fence) {
                throw fenced(fence, stands);
            }
            long rows = writer.write(batch);
            StoredProgress after = progress.after(batch, fence);
            progressTable.store(after, request.sourceNames());
            connection.commit();
            progress = after;
            return new WriteResult(Set.of(), rows);
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        } finally {
            endTransaction();
        }
    }

    /** A connection that is gone has rolled back by itself. */
    private void rollback(Exception reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    private void endTransaction() throws SQLException {
        if (!connection.isClosed()) {
            connection.setAutoCommit(true);
        }
    }

    @Override
    public @Nullable Positions held() {
        try {
            return progressTable.exists() && progressTable.fence() != null
                    ? progressTable.progress(request.sourceNames()).held()
                    : null;
        } catch (SQLException e) {
            throw errors.of("read the progress on database \"" + database() + "\"", e);
        }
    }

    @Override
    public List<JoinedTable> joined() {
        try {
            return progressTable.exists()
                    ? progressTable.progress(request.sourceNames()).joined()
                    : List.of();
        } catch (SQLException e) {
            throw errors.of("read the progress on database \"" + database() + "\"", e);
        }
    }

    @Override
    public boolean isEmpty(Table table) {
        try {
            return writer.isEmpty(table);
        } catch (SQLException e) {
            throw errors.of("look at table " + table.name() + " of database \"" + database() + "\"", e);
        }
    }

    @Override
    public List<String> forget() {
        try {
            return progressTable.remove()
                    ? List.of("the progress of sync \"" + request.sync().name() + "\"")
                    : List.of();
        } catch (SQLException e) {
            throw errors.of(
                    "remove what sync \"" + request.sync().name() + "\" stored on database \"" + database() + "\"", e);
        }
    }

    @Override
    public Optional<PauseMark> pause() {
        try {
            return progressTable.exists() ? PauseText.parse(progressTable.pause()) : Optional.empty();
        } catch (SQLException e) {
            throw errors.of("read the pause on database \"" + database() + "\"", e);
        }
    }

    @Override
    public void pause(PauseMark mark) {
        try {
            progressTable.create();
            progressTable.createRow();
            Optional<PauseMark> kept = PauseText.parse(progressTable.pause());
            progressTable.storePause(
                    PauseText.of(PauseMark.later(kept, Optional.of(mark)).orElse(mark)));
        } catch (SQLException e) {
            throw errors.of("store the pause on database \"" + database() + "\"", e);
        }
    }

    @Override
    public void close() {
        try {
            // Without waiting for a statement that runs: its session ends with the connection.
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            closeQuietly(connection);
        }
    }

    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone, which is what was asked for.
        }
    }
}
