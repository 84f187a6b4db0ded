package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.policy.Exceptional;
import dev.replicator.policy.Remedy;
import dev.replicator.spi.Correction;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What capture and apply threads tell the resolve thread. */
sealed interface Event {
    record SourceConnected(int source, LogSession.Slot slot) implements Event {}

    record SlotSeen(int source, LogSession.Slot slot) implements Event {}

    record SourceStreaming(int source) implements Event {}

    record SourceLost(int source, ReplicatorException failure) implements Event {}

    record ClockMeasured(int source, Duration offset) implements Event {}

    record EndKnown(int source, long question, long position) implements Event {}

    record TargetConnected(int node, long session, TargetState state) implements Event {}

    record TargetLost(int node, long session, ReplicatorException failure) implements Event {}

    record Written(int node, long session, Batch batch, WriteResult result) implements Event {}

    record RolledBack(int node, long session, Batch batch, ReplicatorException failure) implements Event {}

    record Durable(int node, long session, long batch) implements Event {}

    record Stored(int node, long session, SourceState state) implements Event {}

    record PoliciesStored(int node, long session, StoredPolicies policies) implements Event {}

    /** What is to be done about a refused change; null: it has been done. */
    record Remedied(
            String id, Exceptional refused, @Nullable Remedy remedy) implements Event {}

    record Corrected(int node, long session, Correction correction, Correction.Result result) implements Event {}

    /** {@code done}: false if others hold a lock on the row. */
    record WrittenAgain(int node, long session, boolean done) implements Event {}

    record Broken(String thread, RuntimeException failure) implements Event {}

    /** Something asked from outside, to be done by the resolve thread. */
    record Asked(Runnable action) implements Event {}

    /** Where an event came from: those of a term that is over are dropped; null for what comes from outside. */
    record From(@Nullable Term term, Event event) {}
}
