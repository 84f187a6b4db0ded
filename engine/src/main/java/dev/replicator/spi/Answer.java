package dev.replicator.spi;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link ConflictHandler} decides. A reason is one sentence for a person, without values of the row. */
public sealed interface Answer {
    /** The change at this place of the list stands; if it removed the row, the row is removed. */
    record Take(int index) implements Answer {}

    /**
     * Another row stands: that of the change at {@code base}, with these columns instead. Key columns cannot be changed.
     *
     * @param columns values of the classes that {@link ConflictingChange} names, or any value's text form as a String;
     *     null for SQL NULL
     */
    record Merge(int base, Map<String, @Nullable Object> columns) implements Answer {
        // In full, because a compact constructor loses the annotation of the values.
        public Merge(int base, Map<String, @Nullable Object> columns) {
            this.base = base;
            this.columns = new LinkedHashMap<>(columns);
        }
    }

    /** The row is removed. */
    record Remove() implements Answer {}

    /** The declared fallback decides. */
    record Fallback() implements Answer {}

    /** The newest change stands for now, and a person shall look at it. */
    record Quarantine(String reason) implements Answer {}

    /** The sync pauses until a person has decided. */
    record Stop(String reason) implements Answer {}
}
