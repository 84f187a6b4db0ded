package dev.replicator.policy;

import dev.replicator.model.Operation;
import java.util.List;

/** What is done about a refused change. */
public sealed interface Remedy {
    /**
     * Changes, made in this order on one master; none: it is only recorded.
     *
     * @param policy what decided
     * @param reason one sentence for a person
     */
    record Changes(List<Operation> changes, String policy, String reason) implements Remedy {
        public Changes {
            changes = List.copyOf(changes);
        }
    }

    /** Of two rows with one unique value the one that was changed last stays. */
    record KeepLatest() implements Remedy {}

    /** It stays put aside. */
    record Leave() implements Remedy {}
}
