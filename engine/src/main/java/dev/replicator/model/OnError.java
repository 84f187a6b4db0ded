package dev.replicator.model;

import java.util.EnumMap;
import java.util.Locale;
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
 * @param handlers the code of each {@link Action#CUSTOM}, by the constraint's name, the kind's name in lower case, or
 *     {@link #DEFAULT}
 */
public record OnError(
        Map<String, Action> constraints,
        Map<Violation, Action> violations,
        Action otherwise,
        Map<String, Handler> handlers) {
    /** The default: the database stops, named, until the obstacle is gone. */
    public static final OnError STOP = new OnError(Map.of(), Map.of(), Action.STOP);

    /** Name of what is done in all other cases. */
    public static final String DEFAULT = "default";

    public OnError {
        constraints = Map.copyOf(constraints);
        violations = Map.copyOf(violations);
        handlers = Map.copyOf(handlers);
    }

    /** Without code. */
    public OnError(Map<String, Action> constraints, Map<Violation, Action> violations, Action otherwise) {
        this(constraints, violations, otherwise, Map.of());
    }

    /**
     * Code that decides.
     *
     * @param fallback {@link Action#QUARANTINE} or {@link Action#KEEP_LATEST}: when it fails, or leaves it open
     */
    public record Handler(CustomCode code, Action fallback) {}

    /** What is done. */
    public enum Action {
        /** That database stops until the obstacle is gone; the others go on. */
        STOP,
        /** The change is put aside in that database, with later changes of its row, and tried again; the rest goes on. */
        QUARANTINE,
        /** Of two rows with the same unique value the one that was changed last stays; the other is deleted everywhere. */
        KEEP_LATEST,
        /** As QUARANTINE, and code of the user's says which changes are made about it. */
        CUSTOM,
        /** A row that others refer to and that was deleted is inserted again. */
        RESTORE_PARENT,
        /** A row whose parent was deleted is deleted, too. */
        DELETE_CHILD,
        /** The columns of a row that refer to a parent that was deleted become NULL. */
        SET_NULL,
        /** A row whose parent was deleted stays as it is, with an entry in the conflict history. */
        RECORD;

        /** Whether it is about rows whose parents were deleted elsewhere. */
        public boolean isOfForeignKeys() {
            return this == RESTORE_PARENT || this == DELETE_CHILD || this == SET_NULL || this == RECORD;
        }
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

        /** As it stands in the configuration. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

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

    /** The code for a refusal whose action is {@link Action#CUSTOM}; null: it is another action. */
    public @Nullable Handler handler(String sqlState, @Nullable String constraint) {
        if (action(sqlState, constraint) != Action.CUSTOM) {
            return null;
        }
        if (constraint != null && constraints.containsKey(constraint)) {
            return handlers.get(constraint);
        }
        Violation violation = Violation.of(sqlState);
        return violation != null && violations.containsKey(violation)
                ? handlers.get(violation.word())
                : handlers.get(DEFAULT);
    }
}
