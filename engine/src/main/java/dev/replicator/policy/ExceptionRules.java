package dev.replicator.policy;

import dev.replicator.model.TableName;
import org.jspecify.annotations.Nullable;

/** What is done about refused changes, by table and violation. Any thread. */
public interface ExceptionRules {
    /** No code, and nothing about foreign keys. */
    ExceptionRules NONE = (table, sqlState, constraint) -> null;

    /** Null: {@code keep_latest}. */
    @Nullable
    ExceptionPolicy of(TableName table, String sqlState, @Nullable String constraint);

    /** Whether a decision is known to have been followed, on whichever master. May take its time. */
    default boolean isFollowed(String decision) {
        return false;
    }
}
