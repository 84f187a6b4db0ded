package dev.replicator.policy;

/** Says what is done about refused changes. Never throws; may take its time. Called on one thread at a time. */
@FunctionalInterface
public interface ExceptionPolicy {
    Remedy remedy(Exceptional refused);
}
