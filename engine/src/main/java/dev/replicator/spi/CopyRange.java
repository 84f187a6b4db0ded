package dev.replicator.spi;

import dev.replicator.model.Positions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a table, by its key, as the source compares keys.
 *
 * @param number from 0, within the table
 * @param lower the smallest key in it, its columns as text; null: from the first
 * @param upper the smallest key that is beyond it; null: to the last
 * @param rows how many rows were copied
 * @param held once it has been copied: what of every source its rows hold; else null
 */
public record CopyRange(
        int number,
        @Nullable List<String> lower,
        @Nullable List<String> upper,
        long rows,
        @Nullable Positions held) {

    /** Not copied yet. */
    public CopyRange(int number, @Nullable List<String> lower, @Nullable List<String> upper) {
        this(number, lower, upper, 0, null);
    }

    public boolean isDone() {
        return held != null;
    }
}
