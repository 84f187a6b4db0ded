package dev.replicator.model;

import java.util.List;
import java.util.Set;

/** What becomes of a row that was changed concurrently, as configured. */
public sealed interface ConflictRule {
    /** The default: the change that was committed last. */
    Named LATEST = new Named("latest", List.of(), Set.of());

    /** The policies that have a name, in the order in which they are explained. */
    List<String> NAMES = List.of("latest", "first", "priority", "source", "random", "columns", "skip", "stop");

    /** How it is called in messages. */
    String name();

    /**
     * A policy that comes with the program.
     *
     * @param name one of {@link #NAMES}
     * @param databases of {@code priority} in their order, of {@code source} the one; else empty
     * @param delta columns that add up; with {@code latest} and {@code columns} only
     */
    record Named(String name, List<String> databases, Set<String> delta) implements ConflictRule {
        public Named {
            databases = List.copyOf(databases);
            delta = Set.copyOf(delta);
        }
    }

    /** Code of the user's, and what decides when that fails or leaves it open. */
    record Custom(CustomCode code, Named fallback) implements ConflictRule {
        @Override
        public String name() {
            return code.name();
        }
    }
}
