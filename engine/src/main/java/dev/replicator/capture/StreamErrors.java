package dev.replicator.capture;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.session.SqlErrors;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of a replication stream means, by SQLSTATE and by whether the stream had started: an object that does
 * not exist is the slot before and the publication after.
 */
final class StreamErrors {
    private StreamErrors() {}

    /** A failure of START_REPLICATION. */
    static ReplicatorException starting(StreamRequest request, SQLException e) {
        return switch (SqlErrors.state(e)) {
            case "42704" ->
                slot(
                        request,
                        ErrorCode.SLOT_MISSING,
                        e,
                        "Run \"replicator slot create\", start again, and run \"replicator compare\" and \"replicator repair\": what was"
                                + " changed without a slot has not been read.");
            case "55000", "58P01" -> invalidated(request, e);
            case "55006" ->
                new ReplicatorException(
                        Kind.RETRYABLE,
                        ErrorCode.SLOT_BUSY,
                        "could not stream from replication slot " + name(request),
                        SqlErrors.text(e),
                        "Another process reads it. Stop that one, or let this one wait as its standby.",
                        e);
            case "42501" ->
                slot(
                        request,
                        ErrorCode.PRIVILEGE,
                        e,
                        "Run \"replicator check --sql\" for the grants that are missing.");
            default -> reading(request, e);
        };
    }

    /** A failure while the stream ran. */
    static ReplicatorException reading(StreamRequest request, SQLException e) {
        return switch (SqlErrors.state(e)) {
            case "42704" -> publication(request, e);
            case "55000", "58P01" -> invalidated(request, e);
            default -> SqlErrors.doing("stream from replication slot " + name(request), e);
        };
    }

    /** The publication does not exist, or did not where the slot reads. */
    static ReplicatorException publication(StreamRequest request, SQLException e) {
        return new ReplicatorException(
                Kind.FATAL,
                ErrorCode.PUBLICATION,
                "cannot stream publication \"" + request.publication() + "\" of database \""
                        + request.database().name() + "\"",
                SqlErrors.text(e),
                "A publication must exist without a gap from where the slot reads. Run \"replicator slot drop\" and"
                        + " \"replicator slot create\", start again, and run \"replicator compare\" and \"replicator repair\".",
                e);
    }

    /** The connection broke. */
    static ReplicatorException broken(StreamRequest request, IOException e) {
        return ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not stream from replication slot " + name(request),
                "The connection broke: " + e.getMessage() + ".",
                e);
    }

    /** The server ended the stream without an error. */
    static ReplicatorException ended(StreamRequest request) {
        return ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not stream from replication slot " + name(request),
                "The server ended the stream.",
                null);
    }

    private static ReplicatorException invalidated(StreamRequest request, SQLException e) {
        return slot(
                request,
                ErrorCode.SLOT_INVALIDATED,
                e,
                "Run \"replicator slot drop\" and \"replicator slot create\", start again, and compare its tables with the"
                        + " others'. To prevent it, raise max_slot_wal_keep_size or lower slot_budget.");
    }

    private static ReplicatorException slot(
            StreamRequest request, ErrorCode code, SQLException e, @Nullable String hint) {
        return new ReplicatorException(
                Kind.FATAL, code, "cannot stream from replication slot " + name(request), SqlErrors.text(e), hint, e);
    }

    private static String name(StreamRequest request) {
        return "\"" + request.slot() + "\" on database \"" + request.database().name() + "\"";
    }
}
