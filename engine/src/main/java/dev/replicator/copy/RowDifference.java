package dev.replicator.copy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that is not the same on two databases.
 *
 * @param key its key columns as text
 * @param reference hash of the row on the database that is compared with; null: it has none
 * @param other hash of the row on the other; null: it has none
 */
public record RowDifference(
        List<String> key,
        @Nullable Long reference,
        @Nullable Long other) {
    /** What is wrong on the other database. */
    public enum Kind {
        /** Another row has the key. */
        DIFFERS,
        /** It lacks the row. */
        MISSING,
        /** It has a row too many. */
        EXTRA
    }

    public Kind kind() {
        return reference == null ? Kind.EXTRA : other == null ? Kind.MISSING : Kind.DIFFERS;
    }
}
