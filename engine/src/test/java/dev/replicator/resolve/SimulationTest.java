package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.fail;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Thousands of seeded histories end equal; a failure prints its seed and how to repeat it. */
final class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 1500);

    static void runAll(SimSettings settings, String name, int first, int count) {
        Map<String, String> failures = new LinkedHashMap<>();
        int failed = 0;
        for (int seed = first; seed < first + count; seed++) {
            Simulation simulation = new Simulation(seed, settings, false);
            try {
                simulation.run();
            } catch (SimViolation | IllegalStateException e) {
                failed++;
                failures.putIfAbsent(
                        String.valueOf(e.getMessage()).split("[ :]")[0], "seed " + seed + ": " + e.getMessage());
            }
        }
        if (failed > 0) {
            fail(
                    "%s: %d of %d histories broke: %s%nTo see one step by step: java -cp engine/target/classes:"
                            + "engine/target/test-classes:<jspecify jar> dev.replicator.resolve.SimulationTrace %s SEED",
                    name, failed, count, failures, name);
        }
    }

    @Test
    void calmHistoriesEndEqual() {
        runAll(SimSettings.CALM, "CALM", 0, SEEDS);
    }

    @Test
    void historiesWithCrashesEndEqual() {
        runAll(SimSettings.CRASH, "CRASH", 0, SEEDS);
    }

    @Test
    void historiesOfDeletesEndEqual() {
        runAll(SimSettings.DELETES, "DELETES", 0, SEEDS);
    }

    @Test
    void racesOfDeletesAndInsertsEndEqual() {
        runAll(SimSettings.RACE, "RACE", 0, SEEDS);
    }

    @Test
    void historiesWithFrequentAcknowledgementsAndCrashesEndEqual() {
        runAll(SimSettings.STORES, "STORES", 0, SEEDS);
    }

    @Test
    void hotKeysEndEqual() {
        runAll(SimSettings.HOT, "HOT", 0, SEEDS);
    }

    @Test
    void calmHistoriesOfRowsWithGapsEndEqual() {
        runAll(SimSettings.GAPS_CALM, "GAPS_CALM", 0, SEEDS);
    }

    @Test
    void historiesOfRowsWithGapsEndEqual() {
        runAll(SimSettings.GAPS, "GAPS", 0, SEEDS);
    }

    @Test
    void hardHistoriesOfRowsWithGapsEndEqual() {
        runAll(SimSettings.GAPS_HARD, "GAPS_HARD", 0, SEEDS);
    }
}
