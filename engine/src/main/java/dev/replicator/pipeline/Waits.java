package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits for something to be applied everywhere. A wait is over when every source has been resolved up to its
 * position and, from then on, every node has written a batch that holds all of it, or has had nothing left to write.
 * Used by the resolve thread only.
 */
final class Waits {
    /** A source whose position has been asked for. */
    private static final long ASKED = -1;

    private final int nodes;
    private final List<Wait> waits = new ArrayList<>();
    private long lastQuestion;

    Waits(int nodes) {
        this.nodes = nodes;
    }

    private static final class Wait {
        private final long question;
        private final long[] positions;
        private final boolean[] done;
        private final CompletableFuture<Void> future;
        private boolean resolved;

        private Wait(long question, long[] positions, boolean[] done, CompletableFuture<Void> future) {
            this.question = question;
            this.positions = positions;
            this.done = done;
            this.future = future;
        }

        private Positions position() {
            return Positions.of(positions);
        }
    }

    /** For everything committed by now at {@code sources} sources; the number is the question to ask them. */
    long add(int sources, CompletableFuture<Void> future) {
        long[] positions = new long[sources];
        java.util.Arrays.fill(positions, ASKED);
        waits.add(new Wait(++lastQuestion, positions, new boolean[nodes], future));
        return lastQuestion;
    }

    /** For everything below {@code position} of one source. */
    void add(int sources, int source, long position, CompletableFuture<Void> future) {
        long[] positions = new long[sources];
        positions[source] = position;
        waits.add(new Wait(++lastQuestion, positions, new boolean[nodes], future));
    }

    void endKnown(int source, long question, long position) {
        for (Wait wait : waits) {
            if (wait.question == question && wait.positions[source] == ASKED) {
                wait.positions[source] = position;
            }
        }
    }

    /** Questions that a source still owes an answer to: to be asked again by a new term. */
    List<Long> unanswered(int source) {
        List<Long> questions = new ArrayList<>();
        for (Wait wait : waits) {
            if (wait.positions[source] == ASKED) {
                questions.add(wait.question);
            }
        }
        return questions;
    }

    boolean isEmpty() {
        return waits.isEmpty();
    }

    /** The log of every source has been resolved up to here. */
    void resolved(long[] delivered) {
        for (Wait wait : waits) {
            boolean all = true;
            for (int source = 0; source < delivered.length; source++) {
                all &= wait.positions[source] != ASKED && delivered[source] >= wait.positions[source];
            }
            wait.resolved |= all;
        }
    }

    /** The node has nothing left to do of all that was resolved before. */
    void idle(int node) {
        for (Wait wait : waits) {
            wait.done[node] |= wait.resolved;
        }
    }

    /** The node holds this. */
    void written(int node, Positions held) {
        for (Wait wait : waits) {
            wait.done[node] |= wait.resolved && held.coversAll(wait.position());
        }
    }

    /** A node that is never written has nothing to wait for. */
    void complete(java.util.function.IntPredicate isWritten) {
        for (int i = waits.size() - 1; i >= 0; i--) {
            Wait wait = waits.get(i);
            boolean over = wait.resolved;
            for (int node = 0; node < nodes; node++) {
                over &= wait.done[node] || !isWritten.test(node);
            }
            if (over || wait.future.isDone()) {
                waits.remove(i);
                wait.future.complete(null);
            }
        }
    }

    void fail(ReplicatorException reason) {
        List<Wait> all = List.copyOf(waits);
        waits.clear();
        all.forEach(wait -> wait.future.completeExceptionally(reason));
    }
}
