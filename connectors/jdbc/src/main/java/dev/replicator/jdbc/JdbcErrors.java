package dev.replicator.jdbc;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.jdbc.Dialect.Meaning;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Failures of a JDBC session as this program's. The driver's words are repeated only where they hold no value of a row. */
record JdbcErrors(Dialect dialect, String database, String context) {

    /** {@code doing}: completes "could not ...". Outside of a batch nothing is half done: a lost lock may pass. */
    ReplicatorException of(String doing, SQLException e) {
        Meaning meaning = dialect.meaning(e);
        Kind kind = meaning.kind() == Kind.ROLLED_BACK ? Kind.RETRYABLE : meaning.kind();
        return of(kind, meaning, doing, e);
    }

    /** Of a batch that has been rolled back. */
    ReplicatorException ofBatch(SQLException e) {
        Meaning meaning = dialect.meaning(e);
        return of(meaning.kind(), meaning, "write to database \"" + database + "\"", e);
    }

    private ReplicatorException of(Kind kind, Meaning meaning, String doing, SQLException e) {
        boolean passes = kind == Kind.RETRYABLE || kind == Kind.ROLLED_BACK;
        return new ReplicatorException(
                        kind,
                        meaning.code(),
                        (passes ? "could not " : "cannot ") + doing,
                        text(meaning, e),
                        meaning.hint(),
                        e)
                .within(context);
    }

    /** The driver's words, but where they quote a value. */
    private static String text(Meaning meaning, SQLException e) {
        String codes = "(SQLSTATE " + (e.getSQLState() == null ? "unknown" : e.getSQLState()) + ", error "
                + e.getErrorCode() + ")";
        @Nullable String message = e.getMessage();
        if (meaning.kind() == Kind.POISON || meaning.code() == ErrorCode.INTERNAL || message == null) {
            return "The database refuses it " + codes + ".";
        }
        return "The driver says: " + message.strip().replaceAll("\\s*\\R\\s*", " ") + " " + codes;
    }
}
