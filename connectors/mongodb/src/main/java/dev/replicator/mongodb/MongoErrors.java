package dev.replicator.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Failures of a MongoDB session as this program's, by class, label and number, never by text, which may quote a row. Source:
 * MongoDB's {@code error_codes.yml}.
 */
final class MongoErrors {
    private static final int DUPLICATE_KEY = 11_000;
    private static final int NAMESPACE_EXISTS = 48;
    private static final int UNAUTHORIZED = 13;
    private static final int AUTHENTICATION_FAILED = 18;
    private static final int OUT_OF_DISK_SPACE = 14_031;
    /** Another member takes over, the server goes down, or it took too long. */
    private static final Set<Integer> PASSING =
            Set.of(6, 7, 50, 64, 89, 91, 189, 262, 10_107, 11_600, 11_602, 13_435, 13_436, OUT_OF_DISK_SPACE);
    /** NoSuchTransaction, TransactionTooLarge, TransactionExceededLifetimeLimitSeconds, TransactionTooLargeForCache. */
    private static final Set<Integer> TOO_LARGE = Set.of(251, 257, 290, 388);

    private MongoErrors() {}

    /** {@code doing}: completes "could not ...". */
    static ReplicatorException of(String doing, MongoException e) {
        int code = code(e);
        if (e instanceof MongoSecurityException || code == AUTHENTICATION_FAILED) {
            return failure(
                    Kind.FATAL,
                    ErrorCode.AUTHENTICATION,
                    doing,
                    e,
                    "Check user and password of the database, and authSource in its url: the database that the user belongs"
                            + " to.");
        }
        if (code == UNAUTHORIZED) {
            return failure(
                    Kind.FATAL, ErrorCode.PRIVILEGE, doing, e, "Grant the user the role readWrite on the database.");
        }
        if (code == OUT_OF_DISK_SPACE) {
            return failure(Kind.RETRYABLE, ErrorCode.DISK, doing, e, null);
        }
        if (e.hasErrorLabel(MongoException.UNKNOWN_TRANSACTION_COMMIT_RESULT_LABEL)
                || e.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL)
                || e instanceof MongoTimeoutException
                || e instanceof MongoSocketException
                || e instanceof MongoInterruptedException
                || PASSING.contains(code)) {
            return failure(Kind.RETRYABLE, ErrorCode.CONNECTION, doing, e, null);
        }
        return failure(Kind.FATAL, ErrorCode.SERVER_SETTING, doing, e, "Look into the server's log.");
    }

    /** Another transaction was in the way, or the server has ended ours: nothing of it is written. */
    static boolean isRolledBack(MongoException e) {
        return e instanceof MongoServerException
                && e.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL)
                && !PASSING.contains(code(e));
    }

    /** The server has ended a transaction that was too large or took too long for it. */
    static boolean isTooLarge(MongoException e) {
        return TOO_LARGE.contains(code(e));
    }

    /** Whether the server refuses one document, not all that was asked for. */
    static boolean isOfDocument(MongoBulkWriteException e) {
        return !e.getWriteErrors().isEmpty()
                && !e.hasErrorLabel(MongoException.TRANSIENT_TRANSACTION_ERROR_LABEL)
                && !PASSING.contains(code(e))
                && !TOO_LARGE.contains(code(e));
    }

    static boolean isDuplicateKey(@Nullable Throwable e) {
        return e instanceof MongoException failure && code(failure) == DUPLICATE_KEY;
    }

    /** A collection that was to be made. */
    static boolean isThere(MongoException e) {
        return code(e) == NAMESPACE_EXISTS;
    }

    static int code(MongoException e) {
        return e instanceof MongoBulkWriteException bulk
                        && !bulk.getWriteErrors().isEmpty()
                ? bulk.getWriteErrors().get(0).getCode()
                : e.getCode();
    }

    private static ReplicatorException failure(
            Kind kind, ErrorCode code, String doing, MongoException e, @Nullable String hint) {
        // Only these two texts are the driver's own, about servers.
        boolean ofServers = e instanceof MongoTimeoutException || e instanceof MongoSocketException;
        return new ReplicatorException(
                kind,
                code,
                (kind == Kind.RETRYABLE ? "could not " : "cannot ") + doing,
                ofServers
                        ? e.getMessage()
                        : "The driver reports " + e.getClass().getSimpleName()
                                + (code(e) > 0 ? ", error " + code(e) : "") + ".",
                hint,
                e);
    }
}
