package dev.replicator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Positions;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When a wait is over, event by event. */
class WaitsTest {
    private final Waits waits = new Waits(1);
    private final CompletableFuture<Void> future = new CompletableFuture<>();

    private void ask() {
        long question = waits.add(2, future);
        waits.endKnown(0, question, 100);
        waits.endKnown(1, question, 500);
    }

    private boolean isOver() {
        waits.complete(node -> true, (master, position) -> false);
        return future.isDone();
    }

    @Test
    void aNodeThatIsNeverIdleIsDoneAlthoughOneSourceCommitsNothing() {
        ask();
        // The end of source 1's log is 500, its last transaction ended at 20.
        waits.resolved(new long[] {110, 500}, Positions.of(110, 20));
        waits.written(0, Positions.of(105, 20));
        assertThat(isOver()).isFalse();
        waits.written(0, Positions.of(110, 20));
        assertThat(isOver()).isTrue();
    }

    @Test
    void aNodeThatIsIdleIsDoneOnceAllSourcesAreResolvedFarEnough() {
        ask();
        waits.resolved(new long[] {110, 499}, Positions.of(110, 20));
        waits.idle(0);
        assertThat(isOver()).isFalse();
        waits.resolved(new long[] {110, 500}, Positions.of(110, 20));
        waits.idle(0);
        assertThat(isOver()).isTrue();
    }

    @Test
    void whatWasResolvedBeforeANewBeginningCountsForNothing() {
        ask();
        waits.resolved(new long[] {110, 500}, Positions.of(110, 20));
        waits.begin();
        waits.idle(0);
        assertThat(isOver()).isFalse();
    }

    /** What a master writes again, because its log lacked it, is committed after the wait began. */
    @Test
    void whatAMasterHasWrittenAgainIsWaitedForToo() {
        long question = waits.add(2, future);
        waits.endKnown(0, question, 100);
        waits.endKnown(1, question, 500);
        waits.resolved(new long[] {110, 500}, Positions.of(110, 20));
        waits.writtenAgain(0);
        waits.idle(0);
        assertThat(isOver()).isFalse();
        assertThat(waits.unanswered(0)).containsExactly(question);
        assertThat(waits.unanswered(1)).isEmpty();
        waits.endKnown(0, question, 200);
        waits.resolved(new long[] {199, 500}, Positions.of(199, 20));
        waits.idle(0);
        assertThat(isOver()).isFalse();
        waits.resolved(new long[] {200, 500}, Positions.of(200, 20));
        waits.idle(0);
        assertThat(isOver()).isTrue();
    }
}
