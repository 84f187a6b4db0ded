package dev.replicator.model;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a change that a database refuses, by constraint or by the kind of violation.
 *
 * <p>A named constraint beats the kind of violation, which beats {@code otherwise}.
 *
 * @param constraints by the constraint's (or unique index's) name
 * @param violations by the kind
 * @param otherwise for everything else
 */
public record OnError(Map<String, Action> constraints, Map<Violation, Action> violations, Action otherwise) {
    /** The default: the database stops, named, until the obstacle is gone. */
    public static final OnError STOP = new OnError(Map.of(), Map.of(), Action.STOP);

    public OnError {
        constraints = Map.copyOf(constraints);
        violations = Map.copyOf(violations);
    }

    /** What is done. */
    public enum Action {
        /** That database stops until the obstacle is gone; the others go on. */
        STOP,
        /** The change is put aside in that database, with later changes of its row, and tried again; the rest goes on. */
        QUARANTINE,
        /** Of two rows with the same unique value the one that was changed last stays; the other is deleted everywhere. */
        KEEP_LATEST
    }

    /** What a row may violate. PostgreSQL documentation, Appendix A, classes 22 and 23. */
    public enum Violation {
        UNIQUE,
        EXCLUSION,
        CHECK,
        NOT_NULL,
        FOREIGN_KEY,
        TYPE;

        private static final Map<String, Violation> BY_SQLSTATE = Map.of(
                "23505",
                UNIQUE,
                "23P01",
                EXCLUSION,
                "23514",
                CHECK,
                "23502",
                NOT_NULL,
                "23503",
                FOREIGN_KEY,
                "23001",
                FOREIGN_KEY);

        /** The violation an SQLSTATE stands for; a value that does not fit its type is TYPE. Null: no such thing. */
        public static @Nullable Violation of(String sqlState) {
            Violation known = BY_SQLSTATE.get(sqlState);
            return known != null || !sqlState.startsWith("22") ? known : TYPE;
        }
    }

    /** All violations alike. */
    public static OnError all(Action action) {
        return new OnError(Map.of(), new EnumMap<>(Violation.class), action);
    }

    /** The action for a refusal. */
    public Action action(String sqlState, @Nullable String constraint) {
        if (constraint != null && constraints.containsKey(constraint)) {
            return constraints.get(constraint);
        }
        Violation violation = Violation.of(sqlState);
        return violation == null ? otherwise : violations.getOrDefault(violation, otherwise);
    }
}
