package dev.replicator.opensearch;

import dev.replicator.codec.RowReader;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Names rows that can never be written.
 *
 * @param database its name in the configuration
 */
record Refusals(String database) {
    ReplicatorException unrepresentable(RowReader reader, Operation operation, String column, Throwable cause) {
        return of(
                reader,
                operation,
                "Column \"" + column + "\" holds a value that its field cannot hold.",
                "Change the row, or set the option unrepresentable: \"null\" or nearest.",
                cause);
    }

    /** {@code type}: the server's word for the error. */
    ReplicatorException refused(RowReader reader, Operation operation, int status, String type) {
        return of(
                reader,
                operation,
                "The server refuses its document with status " + status + ", " + type + ".",
                "Compare the row with the mapping of the index.",
                null);
    }

    ReplicatorException tooLarge(RowReader reader, Operation operation) {
        return of(
                reader,
                operation,
                "Its document is larger than the server takes (http.max_content_length).",
                null,
                null);
    }

    /** {@code what}: completes "The change ...". */
    ReplicatorException partial(RowReader reader, Operation operation, String what) {
        return of(
                reader,
                operation,
                "The change " + what + ", and a document can only be written whole.",
                "ALTER TABLE " + operation.table().name().quoted()
                        + " REPLICA IDENTITY FULL; on the source, then change the row once more.",
                null);
    }

    private ReplicatorException of(
            RowReader reader, Operation operation, String why, @Nullable String hint, @Nullable Throwable cause) {
        return new ReplicatorException(
                Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot write a row of table " + operation.table().name() + " to database \"" + database + "\"",
                "Row " + reader.key(operation.requireRow()) + ": " + why,
                hint,
                cause);
    }
}
