package dev.replicator.spi;

import dev.replicator.model.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change that a database refused, as an {@link ExceptionHandler} sees it.
 *
 * @param table of the refused row
 * @param violation {@code unique}, {@code exclusion}, {@code check}, {@code not_null}, {@code foreign_key} or {@code type}
 * @param constraint the constraint or unique index, if one is to blame
 * @param database where it was refused: the refused row does not stand there, the others do
 * @param refused the row as it would be, whole. Where and when it was changed is empty, or the time of 1970, when that
 *     is no longer known
 * @param others the row in its way; of {@code foreign_key} the parent that was deleted, with its last values. None for
 *     other violations
 */
public record RefusedChange(
        TableName table,
        String violation,
        @Nullable String constraint,
        String database,
        ConflictingChange refused,
        List<ConflictingChange> others) {
    public RefusedChange {
        others = List.copyOf(others);
    }
}
