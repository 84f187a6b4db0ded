package dev.replicator.resolve;

/** A simulated history broke an invariant. */
final class SimViolation extends RuntimeException {
    private static final long serialVersionUID = 1;

    SimViolation(String message) {
        super(message);
    }
}
