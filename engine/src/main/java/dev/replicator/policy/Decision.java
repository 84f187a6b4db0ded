package dev.replicator.policy;

import dev.replicator.model.Row;

/**
 * What a policy answers. Every {@code reason} is one sentence for a person; it goes into the conflict history, with no
 * values of the row in it.
 */
public sealed interface Decision {
    String reason();

    /**
     * One member's change stands; the others are discarded and recorded.
     *
     * @param index its place in {@link Frontier#members}; if that change removed the row, the row is removed
     */
    record Winner(int index, String reason) implements Decision {}

    /**
     * Another row stands; members that wrote something else are recorded.
     *
     * @param row whole, with the key of the frontier, in the relation of one of its members
     */
    record Merged(Row row, String reason) implements Decision {}

    /** The row is removed; members that wrote one are recorded. */
    record Delete(String reason) implements Decision {}

    /** A person shall look at it: the newest member stands for now, the others are recorded and marked as open. */
    record Quarantine(String reason) implements Decision {}

    /** Nothing may be decided: the sync pauses and names the conflict. */
    record Stop(String reason) implements Decision {}
}
