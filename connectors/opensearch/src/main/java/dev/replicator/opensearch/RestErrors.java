package dev.replicator.opensearch;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Failures of a session as this program's, by the status of HTTP and the server's word for an error, never by its text. */
final class RestErrors {
    /** Too busy, or a part of the cluster is away. */
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

    private RestErrors() {}

    /** Whether the same request may be answered otherwise in a moment. Whatever of it was done may be done again. */
    static boolean isBusy(int status) {
        return status == 429 || status == 503;
    }

    static boolean isPassing(int status, String type) {
        // A disk that is full, or an index that somebody has closed to writers for a while.
        return PASSING.contains(status) || type.equals("cluster_block_exception");
    }

    /** {@code doing}: completes "could not ...". */
    static ReplicatorException of(String doing, RestAnswer answer) {
        return of(doing, answer.status(), answer.errorType());
    }

    static ReplicatorException of(String doing, int status, String type) {
        String detail = "The server answers with status " + status + (type.isEmpty() ? "" : ", " + type) + ".";
        if (isPassing(status, type)) {
            return ReplicatorException.retryable(ErrorCode.CONNECTION, "could not " + doing, detail, null);
        }
        return switch (status) {
            case 401 ->
                fatal(
                        ErrorCode.AUTHENTICATION,
                        doing,
                        detail,
                        "Check user and password of the database, or its API key.");
            case 403 ->
                fatal(
                        ErrorCode.PRIVILEGE,
                        doing,
                        detail,
                        "Give the user the permissions that connectors/opensearch/README.md lists.");
            case 404 ->
                fatal(ErrorCode.TABLE, doing, detail, "Make the index, or set the option create_indices: true.");
            default -> fatal(ErrorCode.SERVER_SETTING, doing, detail, "Look into the server's log.");
        };
    }

    static ReplicatorException of(String doing, RestUrl url, IOException e) {
        if (e instanceof SSLHandshakeException) {
            return new ReplicatorException(
                    Kind.FATAL,
                    ErrorCode.CONNECTION,
                    "cannot " + doing,
                    "No encrypted connection to " + url.base() + " could be made: " + text(e) + ".",
                    "If its certificate is of an authority of your own, name that in the option ca_file.",
                    e);
        }
        boolean late = e instanceof HttpTimeoutException;
        return ReplicatorException.retryable(
                late ? ErrorCode.TIMEOUT : ErrorCode.CONNECTION,
                "could not " + doing,
                late
                        ? url.base() + " has not answered in time."
                        : "The connection to " + url.base() + " failed: " + text(e) + ".",
                e);
    }

    private static String text(IOException e) {
        String message = e.getMessage();
        return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static ReplicatorException fatal(ErrorCode code, String doing, String detail, @Nullable String hint) {
        return ReplicatorException.fatal(code, "cannot " + doing, detail, hint);
    }
}
