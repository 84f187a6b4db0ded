package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each rule of the correctness model is needed: without it some history breaks.
 *
 * <p>Those that next to no drawn history needs are in {@link ScriptedRuleTest}.
 */
final class RuleTest {
    private static final int HISTORIES = 20_000;

    @ParameterizedTest
    @CsvSource({
        "BARRIER, GAPS",
        "ECHO, CRASH",
        "NOOP, GAPS",
        "BURY, DELETES",
        "JOINREAD, DELETES",
        "JOINOWN, DELETES",
        "JOINOVER, RACE",
        "CLOSE, GAPS",
        "KEEPJOIN, GAPS",
        "DACK, GAPS",
        "ACK3, GAPS",
        "DSTATE, RACE",
        "HB, GAPS",
        "RESEND, GAPS",
        "TWNEW, GAPS",
        "TWIN, GAPS",
        "TREWRITE, GAPS",
        "MIX, GAPS",
        "ABSECHO, COLUMNS_DELTA",
        "ALWAYS, CUSTOM"
    })
    void withoutTheRuleSomeHistoryBreaks(Rule rule, Histories configuration) {
        assertThat(firstBroken(configuration.without(rule)))
                .as("seed of a history that breaks")
                .isNotNegative();
    }

    private static int firstBroken(SimSettings settings) {
        for (int seed = 0; seed < HISTORIES; seed++) {
            if (Broken.outcome(seed, settings) != null) {
                return seed;
            }
        }
        return -1;
    }
}
