package dev.replicator.handlers;

import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.TableName;
import dev.replicator.policy.ExceptionPolicy;
import dev.replicator.policy.Exceptional;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.policy.Remedy;
import dev.replicator.spi.ConflictingChange;
import dev.replicator.spi.ExceptionHandler;
import dev.replicator.spi.ReadOnlySql;
import dev.replicator.spi.Refusal;
import dev.replicator.spi.RefusedChange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/**
 * A handler of the user's as what decides about refused changes.
 *
 * <p>Guarantees: it always answers, and never throws. What the handler throws, answers without sense, or does not answer in
 * time is counted by the listener, and the fallback decides. Thread: one at a time.
 */
final class HandlerRemedy implements ExceptionPolicy {
    private final String name;
    private final ExceptionHandler handler;
    private final TimedCall timed;
    private final ExceptionTables tables;
    private final ReadOnlySql sql;
    private final Remedy fallback;
    private final FailureListener failures;

    HandlerRemedy(
            String name,
            ExceptionHandler handler,
            TimedCall timed,
            ExceptionTables tables,
            ReadOnlySql sql,
            OnError.Action fallback,
            FailureListener failures) {
        this.name = name;
        this.handler = handler;
        this.timed = timed;
        this.tables = tables;
        this.sql = sql;
        this.fallback = fallback == OnError.Action.KEEP_LATEST ? new Remedy.KeepLatest() : new Remedy.Leave();
        this.failures = failures;
    }

    @Override
    public Remedy remedy(Exceptional refused) {
        TableName table = refused.refusal().refused().table().name();
        try {
            RefusedChange change = change(refused);
            ExceptionHandler.Remedy answer = Objects.requireNonNull(
                    timed.run(handler.getClass().getClassLoader(), () -> handler.decide(change, sql)),
                    "it answered null");
            if (answer.isFallback()) {
                return fallback;
            }
            if (!answer.retry() && answer.changes().isEmpty()) {
                return new Remedy.Leave();
            }
            List<Operation> changes = new ArrayList<>();
            answer.changes().forEach(one -> changes.add(tables.operation(one)));
            return new Remedy.Changes(changes, name, name + ": " + answer.reason());
        } catch (HandlerFailure e) {
            return failed(table, e.what());
        } catch (TimeoutException e) {
            return failed(
                    table,
                    String.format(
                            Locale.ROOT,
                            "it did not answer within %.3f s",
                            timed.limit().toMillis() / 1000.0));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Remedy.Leave();
        } catch (StackOverflowError e) {
            return failed(table, "its calls are nested too deeply");
        } catch (OutOfMemoryError e) {
            return failed(table, "it took more memory than there is");
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // A message of the user's own may hold values of the row: only the class is told.
            return failed(table, "it threw " + e.getClass().getName());
        }
    }

    private Remedy failed(TableName table, String what) {
        failures.failed(name, table, what);
        return fallback;
    }

    private RefusedChange change(Exceptional refused) {
        Refusal refusal = refused.refusal();
        OnError.Violation violation = OnError.Violation.of(refusal.sqlState());
        List<ConflictingChange> others = new ArrayList<>();
        for (int i = 0; i < refusal.others().size(); i++) {
            others.add(change(refusal.others().get(i), refused.others().get(i)));
        }
        Operation row = Operation.upsert(refusal.refused().requireKey(), refusal.row(), Operation.UNGUARDED);
        return new RefusedChange(
                refusal.refused().table().name(),
                violation == null ? refusal.sqlState() : violation.word(),
                refusal.constraint(),
                refused.database(),
                change(row, refused.refused()),
                others);
    }

    private ConflictingChange change(Operation row, Origin origin) {
        Map<String, ColumnType> columns = tables.columns(row.table().name());
        return new ConflictingChange(
                origin.database(),
                Instant.EPOCH.plus(origin.commitMicros(), ChronoUnit.MICROS),
                origin.kind(),
                new RowValues(row.requireRow(), columns),
                null);
    }
}
