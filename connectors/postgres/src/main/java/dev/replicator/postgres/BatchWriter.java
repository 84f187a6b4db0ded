package dev.replicator.postgres;

import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Lsn;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.WriteResult;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes one batch as one transaction: under the fence and the origin the rows, then progress, conflict history and mark.
 *
 * <p>When the server refuses a row, the transaction is rolled back and made once more: first without COPY, if that was how
 * the row came, then the chunks through {@link FallbackWriter}; so nobody pays for savepoints who does not need them. When
 * it loses to other transactions over locks
 * (a deadlock, a lock timeout), it is rolled back and the session goes on; the server has answered with an error before
 * the commit then, so that nothing can have been written. Any other failure ends the session.
 *
 * <p>Thread: the target's.
 */
final class BatchWriter {
    private static final String ENTER = "SELECT replicator.enter(?, ?)";
    /** Never back: a person may have decided meanwhile to go on from a later position. */
    private static final String STORE_STATE = "INSERT INTO replicator.state AS s (sync, state) VALUES (?, ?::jsonb) "
            + "ON CONFLICT (sync) DO UPDATE SET state = excluded.state, updated_at = pg_catalog.clock_timestamp() "
            + "WHERE (s.state ->> 'position')::pg_lsn <= (excluded.state ->> 'position')::pg_lsn";

    private final WriteSession session;
    private final Conversation conversation;
    private final OwnTransactions own = new OwnTransactions();
    private final CopyWriter copies;
    private final MergedWriter merged;
    private final FallbackWriter fallback;
    private final DeferrableConstraints deferrable;
    private long committedAt;

    BatchWriter(WriteSession session) throws SQLException {
        this.session = session;
        this.conversation = new Conversation(new Pipe(session.connection()));
        this.copies = new CopyWriter(session.connection());
        this.merged = new MergedWriter(conversation, session.shapes(), own, copies);
        this.deferrable = new DeferrableConstraints(conversation, session.shapes());
        this.fallback = new FallbackWriter(session, conversation, merged, deferrable);
    }

    /** The insert position of the server's log right after the last commit. */
    long committedAt() {
        return committedAt;
    }

    WriteResult write(Batch batch) throws SQLException {
        copies.nextBatch();
        return writeMerged(batch);
    }

    private WriteResult writeMerged(Batch batch) throws SQLException {
        try {
            return attempt(batch, false);
        } catch (SQLException e) {
            if (copies.isRefused(e)) {
                rollback();
                return writeMerged(batch);
            }
            if (!WriteErrors.refusesRow(e) && !WriteErrors.isLostRace(e)) {
                throw e;
            }
            rollback();
            if (WriteErrors.isLostRace(e)) {
                throw e;
            }
            return writeOneByOne(batch, e);
        }
    }

    private WriteResult writeOneByOne(Batch batch, SQLException refusal) throws SQLException {
        try {
            return attempt(batch, true);
        } catch (SQLException e) {
            if (WriteErrors.isLostRace(e)) {
                rollback();
            } else {
                e.addSuppressed(refusal);
            }
            throw e;
        }
    }

    private WriteResult attempt(Batch batch, boolean oneByOne) throws SQLException {
        session.progress().join(batch, session.fence());
        @Nullable Marks marks = session.marks();
        Script script = conversation.script();
        script.add("BEGIN");
        if (marks != null) {
            marks.begin(
                    new MarkNumber(session.fence(), batch.number()),
                    batch.highest(),
                    session.progress().held(),
                    session.origin().use() == Origin.Use.WHOLE);
            if (session.origin().use() == Origin.Use.NONE) {
                marks.open(script);
            }
        }
        session.origin().begin(script, batch.commitMicros());
        enter();
        Outcome outcome = new Outcome(marks);
        for (Chunk chunk : batch.chunks()) {
            if (session.orphans().concerns(chunk)) {
                conversation.flush();
                session.orphans().before(chunk);
            }
            if (oneByOne || session.quarantine().concerns(chunk)) {
                fallback.write(chunk, outcome, batch);
                chunk.truncated().forEach(table -> outcome.truncated(table.name()));
            } else {
                writeMerged(chunk, outcome);
            }
            emitWhenFull(marks);
        }
        List<Key> due = session.quarantine().takeDue();
        if (!due.isEmpty()) {
            fallback.retry(due, outcome);
        }
        if (conversation.isAwaiting() && marks != null) {
            conversation.flush();
            emitWhenFull(marks);
        }
        if (session.orphans().isCheckDue()) {
            conversation.flush();
            session.orphans().check(outcome);
        }
        session.progress().update(script);
        for (Conflict conflict : batch.conflicts()) {
            ConflictWriter.write(script, session.sync(), conflict);
            conversation.flushIfLarge();
        }
        session.origin().leave(script);
        if (marks != null) {
            marks.emitLast(script);
        }
        commit();
        session.orphans().committed();
        return outcome.result(session.quarantine().size() + session.orphans().size());
    }

    private void writeMerged(Chunk chunk, Outcome outcome) throws SQLException {
        if (!chunk.truncated().isEmpty()) {
            conversation.flush();
            Truncation.run(session.connection(), chunk.truncated());
            chunk.truncated().forEach(table -> outcome.truncated(table.name()));
        }
        merged.write(chunk.merged(), outcome);
        deferrable.check(chunk.merged());
    }

    private void emitWhenFull(@Nullable Marks marks) throws SQLException {
        if (marks != null && marks.isFull()) {
            conversation.flush();
            session.origin().leave(conversation.script());
            marks.emitFull(conversation.script());
            session.origin().enterAgain(conversation.script());
            conversation.flush();
        }
    }

    long fence() {
        return session.fence();
    }

    void retryRefused() {
        session.quarantine().retry();
        session.orphans().retry();
    }

    void decided(Refusal refusal) {
        session.orphans().decided(refusal);
    }

    /** Stores a source's state, durable when this returns. */
    void storeState(SourceState state) throws SQLException {
        Script script = conversation.script();
        script.add("BEGIN");
        script.add("SET LOCAL synchronous_commit = on");
        session.origin().begin(script, 0);
        enter();
        script.add(STORE_STATE, Parameter.text(session.sync()), Parameter.text(Vectors.json(session.sources(), state)));
        session.origin().leave(script);
        commit();
    }

    void storePolicies(StoredPolicies policies) throws SQLException {
        Script script = conversation.script();
        script.add("BEGIN");
        script.add("SET LOCAL synchronous_commit = on");
        session.origin().begin(script, 0);
        enter();
        conversation.flush();
        PolicyRows.store(session.connection(), session.sync(), policies);
        session.origin().leave(script);
        commit();
    }

    private void enter() {
        conversation.add(
                ENTER,
                List.of(Parameter.text(session.sync()), Parameter.int8(session.fence())),
                reply -> own.add(Long.parseUnsignedLong(String.valueOf(reply.text(0)))));
    }

    private void commit() throws SQLException {
        conversation.script().add("COMMIT");
        conversation.add(
                "SELECT pg_catalog.pg_current_wal_insert_lsn()",
                List.of(),
                reply -> committedAt = Lsn.parse(String.valueOf(reply.text(0))).value());
        conversation.flush();
    }

    /**
     * The origin's state survives a rollback: where each transaction enters it, it has to be left; where the session
     * stays in it, the next transaction sets its commit time anew.
     */
    private void rollback() throws SQLException {
        conversation.discard();
        session.progress().rolledBack();
        try (Statement statement = session.connection().createStatement()) {
            statement.execute("ROLLBACK");
        }
        session.quarantine().reload();
        session.orphans().reload();
        session.origin().leaveAfterRollback(session.connection());
    }
}
