package dev.replicator.spi;

import java.util.List;

/**
 * Code of the user's that says what is done about a change that a database refuses.
 *
 * <p>A class in a jar of the {@code plugins} folder: it has a constructor without parameters and is named in the jar's
 * {@code META-INF/services/dev.replicator.spi.ExceptionHandler}; {@code on_error: { unique: { class: its.Name } }} uses
 * it. A sample project is in {@code connectors/sample-handler}.
 *
 * <p>Contract: several databases may refuse the same rows, each the other one; it has to decide alike whichever is asked
 * about first. Its changes are made in one transaction on one master, on which the rows still are what it was told of,
 * once, and reach all databases from there as any other change. What it throws is contained: the declared fallback
 * decides, also when it does not answer in time. Called on one thread at a time.
 */
public interface ExceptionHandler {
    /** Decides. */
    Remedy decide(RefusedChange refused, ReadOnlySql sql);

    /**
     * What is to be done.
     *
     * @param changes made in this order, all or none
     * @param retry whether the refused change is tried again; if not, it stays put aside for a person
     * @param reason one sentence for a person, without values of the row
     */
    record Remedy(List<RowChange> changes, boolean retry, String reason) {
        public Remedy {
            changes = List.copyOf(changes);
        }

        /** The declared fallback decides. */
        public static Remedy fallback() {
            return new Remedy(List.of(), true, "");
        }

        /** Whether {@link #fallback} made it. */
        public boolean isFallback() {
            return changes.isEmpty() && retry;
        }
    }
}
