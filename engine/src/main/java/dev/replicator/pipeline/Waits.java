package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for something to be applied everywhere. A wait is over when every source has been resolved up to its
 * position and, from then on, every node has written a batch that holds all that was resolved by then, or has had
 * nothing left to write; and when nothing that goes back to a master because of its own changes is on its way any more.
 * What a master writes again because its log lacked it belongs to what is waited for.
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
        /** All transactions resolved when every source had been resolved up to its position; null before. */
        private @Nullable Positions resolved;

        private Wait(long question, long[] positions, boolean[] done, CompletableFuture<Void> future) {
            this.question = question;
            this.positions = positions;
            this.done = done;
            this.future = future;
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

    /**
     * A master has written a row again because of what is waited for: how far its log goes now counts. The source is to be
     * asked.
     */
    void writtenAgain(int source) {
        for (Wait wait : waits) {
            wait.positions[source] = ASKED;
            wait.resolved = null;
            java.util.Arrays.fill(wait.done, false);
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

    /** The logs are read from the stored positions again: what was resolved before tells nothing any more. */
    void begin() {
        waits.forEach(wait -> wait.resolved = null);
    }

    /**
     * The log of every source has been resolved up to here; {@code last} has the ends of the newest transactions in it.
     * Batches say how far they go in such ends, which may never reach the position of a source where nobody writes.
     */
    void resolved(long[] delivered, Positions last) {
        for (Wait wait : waits) {
            boolean all = true;
            for (int source = 0; source < delivered.length; source++) {
                all &= wait.positions[source] != ASKED && delivered[source] >= wait.positions[source];
            }
            if (all && wait.resolved == null) {
                wait.resolved = last;
            }
        }
    }

    /** The node has nothing left to do of all that was resolved before. */
    void idle(int node) {
        for (Wait wait : waits) {
            wait.done[node] |= wait.resolved != null;
        }
    }

    /** The node holds this. */
    void written(int node, Positions held) {
        for (Wait wait : waits) {
            Positions resolved = wait.resolved;
            wait.done[node] |= resolved != null && held.coversAll(resolved);
        }
    }

    /** Whether something that goes back to a master because of its own changes below a position is on its way. */
    interface Returning {
        boolean isReturning(int master, long position);
    }

    /** A node that is never written has nothing to wait for. */
    void complete(IntPredicate isWritten, Returning returning) {
        for (int i = waits.size() - 1; i >= 0; i--) {
            Wait wait = waits.get(i);
            boolean over = wait.resolved != null;
            for (int node = 0; node < nodes; node++) {
                boolean master = node < wait.positions.length && isWritten.test(node);
                over &= wait.done[node] || !isWritten.test(node);
                over = over && !(master && returning.isReturning(node, wait.positions[node]));
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
