package dev.replicator.policy;

/**
 * Decides which value a key has when its frontier has more than one member.
 *
 * <p>Contract: the answer depends on the frontier alone. Not on time, chance, other rows, or what was decided before: the
 * same question comes again after a crash, perhaps in another process, and must get the same answer, or databases end
 * different. It never throws and never blocks; what may fail is wrapped in something that answers in its place. Called on
 * the resolving thread of one sync, for conflicts only.
 */
@FunctionalInterface
public interface Policy {
    Decision decide(Frontier frontier);
}
