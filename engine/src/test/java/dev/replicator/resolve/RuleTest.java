package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each rule of the correctness model is needed: without it some history breaks.
 *
 * <p>The search begins with a seed that is known to break, where the first one comes late. Those that next to no drawn history needs are in {@link ScriptedRuleTest}.
 */
final class RuleTest {
    private static final int HISTORIES = 20_000;

    @ParameterizedTest
    @CsvSource({
        "BARRIER, GAPS, 0",
        "ECHO, CRASH, 0",
        "NOOP, GAPS, 2880",
        "BURY, DELETES, 0",
        "JOINREAD, DELETES, 0",
        "JOINOWN, DELETES, 0",
        "JOINOVER, RACE, 0",
        "CLOSE, GAPS, 0",
        "KEEPJOIN, GAPS, 0",
        "DACK, GAPS, 0",
        "ACK3, GAPS, 134",
        "DSTATE, RACE, 1570",
        "HB, GAPS, 0",
        "RESEND, GAPS, 0",
        "TWNEW, GAPS, 0",
        "TWIN, GAPS, 0",
        "TREWRITE, GAPS, 0",
        "MIX, GAPS, 490",
        "ABSECHO, COLUMNS_DELTA, 0",
        "REWRITE, MOVES_CALM, 0",
        "ALWAYS, RANDOM, 584",
        "CLOSED, CHANGED, 0"
    })
    void withoutTheRuleSomeHistoryBreaks(Rule rule, Histories configuration, int from) {
        assertThat(firstBroken(configuration.without(rule), from))
                .as("seed of a history that breaks")
                .isNotNegative();
    }

    private static int firstBroken(SimSettings settings, int from) {
        for (int seed = from; seed < from + HISTORIES; seed++) {
            if (Broken.outcome(seed, settings) != null) {
                return seed;
            }
        }
        return -1;
    }
}
