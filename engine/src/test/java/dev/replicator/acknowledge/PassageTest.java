package dev.replicator.acknowledge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Positions;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What of each source has passed where, and what may be forgotten then. */
final class PassageTest {
    private final Passage passage = new Passage(2, 3);
    private final long[] readEnds = {1000, 1000};

    @Test
    void nothingIsDurableBeforeTheLastNodeHasPassedIt() {
        passage.resolved(0, 100, 110, 0);
        passage.passed(1, Positions.of(110, 0), 500);
        assertThat(settlement().durable(0)).isEqualTo(100);
        passage.passed(2, Positions.of(110, 0), Passage.NO_MARK);
        assertThat(settlement().durable(0)).isEqualTo(1000);
    }

    @Test
    void aSourceWithoutOpenTransactionsIsDurableAsFarAsItWasRead() {
        assertThat(settlement().durable(1)).isEqualTo(1000);
    }

    @Test
    void aTransactionIsForgettableOnlyWhenItsMarksAreSettledThemselves() {
        passage.resolved(1, 490, 495, 1);
        passage.resolved(0, 100, 110, 0);
        passage.passed(1, Positions.of(110, 495), 500);
        passage.passed(2, Positions.of(110, 495), Passage.NO_MARK);
        // The mark at 500 lies beyond what is durable of source 1, for node 0 has not passed 490.
        assertThat(settlement().durable(0)).isEqualTo(1000);
        assertThat(settlement().seen(0)).isEqualTo(100);
        passage.passed(0, Positions.of(110, 495), 600);
        assertThat(settlement().seen(0)).isEqualTo(1000);
        assertThat(settlement().forgettable(0)).isEqualTo(1000);
    }

    @Test
    void whatHasToPassOnceMoreIsNotDurableAndTakesTheLaterMark() {
        passage.resolved(0, 100, 110, 0);
        passage.passed(1, Positions.of(110, 0), 500);
        passage.passed(2, Positions.of(110, 0), Passage.NO_MARK);
        Passage.Reopened again = new Passage.Reopened(new long[] {100, Long.MAX_VALUE});
        passage.reopen(1, again);
        assertThat(settlement().durable(0)).isEqualTo(100);
        passage.settled(1, again, 1200);
        assertThat(settlement().durable(0)).isEqualTo(1000);
        assertThat(settlement().seen(0)).isEqualTo(100);
    }

    @Test
    void versionsAreClosedWithoutTheNodesThatAreLeftOut() {
        passage.resolved(0, 100, 110, 0);
        assertThat(passage.closed(0)).isEqualTo(100);
        passage.leaveOut(1);
        assertThat(passage.closed(0)).isEqualTo(110);
        assertThat(settlement().durable(0)).isEqualTo(100);
    }

    /** However many marks there are, few are kept, and what is said of them errs on the side of later. */
    @Test
    void manyMarksNeverMakeMoreForgettableThanEachOfThemAllows() {
        Random random = new Random(7);
        long[] marks = new long[20_000];
        long mark = 0;
        for (int i = 0; i < marks.length; i++) {
            mark += 1 + random.nextInt(5);
            marks[i] = mark;
            passage.resolved(0, 10L * i, 10L * i + 5, 0);
            passage.passed(1, Positions.of(10L * i + 5, 0), mark);
            passage.passed(2, Positions.of(10L * i + 5, 0), Passage.NO_MARK);
        }
        for (int i = 0; i < marks.length; i += 997) {
            long level = passage.marksBelow(0, Long.MAX_VALUE, new long[] {0, marks[i]});
            assertThat(level).isBetween(10L * i - 500, 10L * i);
        }
    }

    private Settlement settlement() {
        return Settlement.of(passage, readEnds);
    }
}
