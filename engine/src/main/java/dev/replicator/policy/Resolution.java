package dev.replicator.policy;

import java.util.Set;

/** How the value of a key of one table is found from its open changes. */
public sealed interface Resolution {
    /** The default: the change that was committed last. */
    Resolution LATEST = new Replay(false, Set.of());

    /** The policy's name as it is configured and recorded. */
    String name();

    /**
     * The changes of a key are replayed in version order: {@code latest} and {@code columns}, both with or without
     * counters.
     *
     * @param byColumn an update carries only the columns it changed, so that changes of different columns both stand
     * @param counters columns of which an update carries the difference, so that all of them add up
     */
    record Replay(boolean byColumn, Set<String> counters) implements Resolution {
        public Replay {
            counters = Set.copyOf(counters);
        }

        /** Whether an update states less than the whole row. */
        public boolean needsOldRows() {
            return byColumn || !counters.isEmpty();
        }

        @Override
        public String name() {
            return byColumn ? "columns" : "latest";
        }
    }

    /** A policy decides on the frontier. Rows have to be whole. */
    record Decided(String name, Policy policy) implements Resolution {}

    /**
     * Every database that made one of the concurrent changes keeps its own; the others get the newest. Databases differ
     * until the row is changed again in sight of all of them.
     */
    record KeepEach() implements Resolution {
        @Override
        public String name() {
            return "skip";
        }
    }
}
