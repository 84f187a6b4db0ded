package dev.replicator.debezium;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What ended Debezium's engine, in our words; its stack traces are nobody's business. Any thread. */
final class EngineErrors {
    private static final int LOG_MISSING = 1236;

    private EngineErrors() {}

    static ReplicatorException of(@Nullable Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            root = cause;
            if (isLogMissing(cause)) {
                return ReplicatorException.fatal(
                        ErrorCode.SLOT_INVALIDATED,
                        "cannot read on: the server has removed the part of its binary log that comes next",
                        text(cause),
                        "What was committed in it is lost to the targets. \"replicator remove\" the sync and start it again:"
                                + " all rows are copied anew. Keep the log longer: binlog_expire_logs_seconds.");
            }
        }
        String detail = root == null ? "It gave no reason." : text(root);
        boolean passes = root == null || root instanceof IOException || root instanceof SQLException;
        return passes
                ? ReplicatorException.retryable(
                        ErrorCode.CONNECTION, "could not read on: the stream of the binary log ended", detail, failure)
                : ReplicatorException.fatal(
                        ErrorCode.PROTOCOL,
                        "cannot read on: Debezium has stopped",
                        detail,
                        "Logger io.debezium at level INFO tells more.");
    }

    private static boolean isLogMissing(Throwable cause) {
        return cause instanceof com.github.shyiko.mysql.binlog.network.ServerException server
                        && server.getErrorCode() == LOG_MISSING
                || String.valueOf(cause.getMessage()).contains("no longer available on the server");
    }

    private static String text(Throwable cause) {
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
