package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Operation;
import dev.replicator.session.SqlErrors;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a failed write means, by its SQLSTATE: the finer view of {@link SqlErrors} for a target. Names tables, constraints
 * and columns, never values; the server's exception quotes values when it refuses a row, and so is not kept as the cause.
 */
final class WriteErrors {
    /** Raised by {@code replicator.enter}: another session has raised the fence number. */
    static final String FENCED = "RP001";

    private WriteErrors() {}

    /** Whether the server refuses a row: by a constraint, or because the value does not fit. */
    static boolean refusesRow(SQLException e) {
        String state = SqlErrors.state(e);
        return state.startsWith("23") || state.startsWith("22");
    }

    /** Whether the transaction lost to others over locks, or waited for one in vain: the same may work at once. */
    static boolean isLostRace(SQLException e) {
        String state = SqlErrors.state(e);
        return state.equals("40P01") || state.equals("40001") || state.equals("55P03");
    }

    /** The constraint or unique index that refused the row, if the server names one. */
    static @Nullable String constraint(SQLException e) {
        @Nullable ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return server == null ? null : server.getConstraint();
    }

    /** Whether the server cannot do this to such a table at all, or not for this role. */
    static boolean isUnsupported(SQLException e) {
        String state = SqlErrors.state(e);
        return state.equals("0A000") || state.equals("42501") || state.equals("42809");
    }

    static boolean isUnique(SQLException e) {
        String state = SqlErrors.state(e);
        return state.equals("23505") || state.equals("23P01");
    }

    /** A failure of a write that no single operation is to blame for, as far as is known. */
    static ReplicatorException of(SQLException e, String sync, String database, @Nullable String blocker) {
        String doing = "write to database \"" + database + "\"";
        return switch (SqlErrors.state(e)) {
            case FENCED ->
                new ReplicatorException(
                        Kind.FENCED,
                        ErrorCode.SLOT_BUSY,
                        "cannot " + doing + ": another session has taken over sync \"" + sync + "\"",
                        SqlErrors.text(e),
                        null,
                        e);
            case "55P03" ->
                new ReplicatorException(
                        Kind.ROLLED_BACK,
                        ErrorCode.TIMEOUT,
                        "could not " + doing + ": a lock was not granted in time",
                        blocker == null ? SqlErrors.text(e) : blocker,
                        "End the transaction that holds the lock; the batch is tried again until then.",
                        e);
            case "40P01", "40001" ->
                new ReplicatorException(
                        Kind.ROLLED_BACK,
                        ErrorCode.CONNECTION,
                        "could not " + doing + ": other transactions write the same rows",
                        SqlErrors.text(e),
                        null,
                        e);
            // idle_in_transaction_session_timeout: this process was stopped for too long.
            case "25P03", "25P04" ->
                ReplicatorException.retryable(ErrorCode.CONNECTION, "could not " + doing, SqlErrors.text(e), e);
            case "42P01", "42703", "42P10", "42804", "42846", "428C9", "3F000" ->
                new ReplicatorException(
                        Kind.FATAL,
                        ErrorCode.SCHEMA_DIFFERS,
                        "cannot " + doing + ": the schema differs",
                        SqlErrors.text(e),
                        "Give the table the same columns and the same key on every database.",
                        e);
            default ->
                refusesRow(e)
                        ? new ReplicatorException(
                                Kind.POISON, ErrorCode.TARGET_REFUSED, "cannot " + doing, SqlErrors.text(e), null, null)
                        : SqlErrors.doing(doing, e);
        };
    }

    /**
     * A row that cannot be written as it is. Of its values only the key's are told: without them nobody finds it.
     *
     * @param type PostgreSQL's conflict type for a unique violation
     * @param transactions which source transactions changed it, or empty
     */
    static ReplicatorException poison(
            SQLException e, String database, Operation operation, String type, String transactions) {
        @Nullable ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        @Nullable String constraint = constraint(e);
        @Nullable String column = server == null ? null : server.getColumn();
        StringBuilder detail = new StringBuilder();
        if (isUnique(e)) {
            detail.append("Conflict type ").append(type).append(". ");
        }
        if (constraint != null) {
            detail.append("Constraint \"").append(constraint).append("\". ");
        }
        if (column != null) {
            detail.append("Column \"").append(column).append("\". ");
        }
        detail.append("Key ").append(KeyText.of(operation.requireRow())).append(". ");
        if (!transactions.isEmpty()) {
            detail.append("Source transaction: ").append(transactions).append(". ");
        }
        detail.append(SqlErrors.text(e));
        String hint = (isUnique(e)
                        ? "Two databases have made rows with the same unique value. Change one of them on the database"
                                + " that made it, or on \"" + database + "\", or drop the constraint there."
                        : "Make the column or constraint on \"" + database + "\" as it is on the other databases.")
                + " It is tried again by itself; \"replicator kick\" tries at once.";
        return new ReplicatorException(
                Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot write a row of table " + operation.table().name() + " to database \"" + database + "\"",
                detail.toString(),
                hint,
                null);
    }
}
