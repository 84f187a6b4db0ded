package dev.replicator.redis;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.util.Objects;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Failures of a Redis session as this program's, by the code that an error begins with, never by its text. */
final class RedisErrors {
    private RedisErrors() {}

    /** {@code doing}: completes "could not ...". */
    static ReplicatorException of(String doing, JedisException e) {
        if (e instanceof JedisConnectionException) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            return ReplicatorException.retryable(
                    ErrorCode.CONNECTION,
                    "could not " + doing,
                    "The connection failed: " + cause.getMessage() + ".",
                    e);
        }
        String code = e instanceof JedisDataException ? code(e) : "";
        return switch (code) {
            case "WRONGPASS", "NOAUTH" ->
                fatal(ErrorCode.AUTHENTICATION, doing, code, "Check user and password of the database.", e);
            case "NOPERM" ->
                fatal(
                        ErrorCode.PRIVILEGE,
                        doing,
                        code,
                        "Grant the user all commands that connectors/redis/README.md lists, on the sync's keys"
                                + " (ACL SETUSER).",
                        e);
            case "LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "BUSY" ->
                retryable(doing, code, e);
            case "OOM", "MISCONF", "NOREPLICAS", "EXECABORT" -> retryable(doing, code, e);
            default ->
                fatal(
                        ErrorCode.SERVER_SETTING,
                        doing,
                        code.isEmpty() ? e.getClass().getSimpleName() : code,
                        "Look into the server's log.",
                        e);
        };
    }

    /** The first word of an error. */
    static String code(JedisException e) {
        // Of MOVED and ASK, the client has cut it off.
        if (e instanceof redis.clients.jedis.exceptions.JedisRedirectionException) {
            return "MOVED";
        }
        return Objects.requireNonNullElse(e.getMessage(), "").split(" ", 2)[0];
    }

    private static ReplicatorException retryable(String doing, String code, JedisException e) {
        return ReplicatorException.retryable(
                ErrorCode.CONNECTION, "could not " + doing, "The server answers " + code + meaning(code) + ".", e);
    }

    private static String meaning(String code) {
        return switch (code) {
            case "OOM" -> ": its memory limit, maxmemory, is reached";
            case "MISCONF" -> ": it cannot write to its disk";
            case "READONLY" -> ": it is a replica";
            case "LOADING" -> ": it is still reading its data from disk";
            case "BUSY" -> ": a script runs there for too long";
            default -> "";
        };
    }

    private static ReplicatorException fatal(
            ErrorCode error, String doing, String code, String hint, JedisException e) {
        return new ReplicatorException(
                Kind.FATAL, error, "cannot " + doing, "The server answers " + code + ".", hint, e);
    }
}
