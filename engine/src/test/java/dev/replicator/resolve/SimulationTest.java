package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thousands of seeded histories, under every policy, end as the logs say. A failure prints its seed, what is left of the
 * history when everything that does not matter is left out, and how to repeat it.
 *
 * <p>{@code -Dsimulation.seeds=10000} runs more of each kind.
 */
final class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 400);

    @ParameterizedTest
    @EnumSource
    void historiesEndAsTheLogsSay(Histories kind) {
        SimSettings settings = kind.settings();
        Map<String, Broken> broken = new LinkedHashMap<>();
        int failed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            String outcome = Broken.outcome(seed, settings);
            if (outcome != null) {
                failed++;
                if (!broken.containsKey(Broken.kind(outcome))) {
                    broken.put(Broken.kind(outcome), Broken.shrunk(seed, settings, outcome));
                }
            }
        }
        if (failed > 0) {
            StringBuilder text = new StringBuilder();
            broken.values().forEach(one -> text.append(System.lineSeparator()).append(one.inWords()));
            fail(
                    "%d of %d histories %s broke:%s%nTo repeat one: java -cp engine/target/classes:"
                            + "engine/target/test-classes dev.replicator.resolve.SimulationTrace %s SEED",
                    failed, SEEDS, kind, text, kind);
        }
    }

    /** It was read before any change of the key, but a TRUNCATE of the same master had been read before it. */
    @Test
    void whatAMarkSaysUnderATruncateOfAKeyThatOpensLaterIsKnown() {
        assertThat(Broken.outcome(109_053, Histories.RANDOM_SHAPES.settings())).isNull();
    }

    /** The mark lists the key, so nobody learned that the operation of the first chunk was skipped. */
    @Test
    void whatOneChunkSkipsAndAnotherWritesIsNotLost() {
        assertThat(Broken.outcome(10_388, Histories.GAPS_CALM.settings())).isNull();
    }
}
