package dev.replicator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ReturnsTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final Returns returns = new Returns();

    @Test
    void theFirstTimeANodeReturnsAtOnceAndThenTheLessOftenTheMoreOftenItIsGivenUp() {
        assertThat(returns.returns(1, 0, false)).isTrue();
        assertThat(returns.returns(1, MINUTE - 1, false)).isFalse();
        assertThat(returns.returns(2, MINUTE - 1, false)).isTrue();
        assertThat(returns.returns(1, MINUTE, false)).isTrue();
        assertThat(returns.returns(1, 3 * MINUTE - 1, false)).isFalse();
        assertThat(returns.returns(1, 3 * MINUTE, false)).isTrue();
    }

    @Test
    void onceItHasStayedForLongItReturnsAtOnceAgain() {
        assertThat(returns.returns(1, 0, false)).isTrue();
        assertThat(returns.returns(1, 300 * MINUTE, false)).isTrue();
        assertThat(returns.returns(1, 301 * MINUTE, false)).isTrue();
    }

    @Test
    void whoIsToldToReturnReturns() {
        assertThat(returns.returns(1, 0, false)).isTrue();
        assertThat(returns.returns(1, 1, true)).isTrue();
    }
}
