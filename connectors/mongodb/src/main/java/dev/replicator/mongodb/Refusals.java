package dev.replicator.mongodb;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Names rows that can never be written.
 *
 * @param database its name in the configuration
 */
record Refusals(String database) {
    ReplicatorException of(DocumentChange change, String why, @Nullable Throwable cause) {
        return of(change, why, null, cause);
    }

    ReplicatorException unrepresentable(DocumentChange change, String column, Throwable cause) {
        return of(
                change,
                "Column \"" + column + "\" holds a value that BSON has no form for.",
                "Change the row, or set the option unrepresentable: \"null\" or nearest.",
                cause);
    }

    private ReplicatorException of(
            DocumentChange change, String why, @Nullable String hint, @Nullable Throwable cause) {
        return new ReplicatorException(
                Kind.POISON,
                ErrorCode.TARGET_REFUSED,
                "cannot write a row of table " + change.table() + " to database \"" + database + "\"",
                "Row " + change.row() + ": " + why,
                hint,
                cause);
    }

    ReplicatorException tooLarge(DocumentChange change) {
        return of(change, "Its document would have more than 16 MiB.", null);
    }
}
