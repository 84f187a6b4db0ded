package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A history that breaks, with steps left out as long as it still breaks in the same way.
 *
 * @param steps the steps that are left
 * @param outcome what broke
 * @param events what happens in what is left
 */
record Broken(long seed, BitSet steps, String outcome, List<String> events) {
    private static final int MAX_EVENTS = 120;

    /** What breaks in the history of a seed; null: nothing. */
    static @Nullable String outcome(long seed, SimSettings settings) {
        return outcome(seed, settings, Simulation.ALL_STEPS);
    }

    private static @Nullable String outcome(long seed, SimSettings settings, BitSet steps) {
        try {
            new Simulation(seed, settings, steps, false).run();
            return null;
        } catch (SimViolation | IllegalStateException | ReplicatorException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** The first word of a message says what kind of thing broke. */
    static String kind(String outcome) {
        return outcome.split("[ :]", 2)[0];
    }

    /** Leaves out ever smaller runs of steps. Each step draws from its own seed, so that those left do the same. */
    static Broken shrunk(long seed, SimSettings settings, String outcome) {
        Simulation whole = new Simulation(seed, settings, Simulation.ALL_STEPS, false);
        BitSet steps = new BitSet();
        steps.set(0, whole.steps);
        for (int size = whole.steps / 2; size >= 1; size /= 2) {
            for (int from = 0; from < whole.steps; from += size) {
                BitSet fewer = (BitSet) steps.clone();
                fewer.clear(from, from + size);
                String without = fewer.equals(steps) || fewer.isEmpty() ? null : outcome(seed, settings, fewer);
                if (without != null && kind(without).equals(kind(outcome))) {
                    steps = fewer;
                }
            }
        }
        Simulation last = new Simulation(seed, settings, steps, true);
        String message = outcome;
        try {
            last.run();
        } catch (SimViolation | IllegalStateException | ReplicatorException e) {
            message = String.valueOf(e.getMessage());
        }
        return new Broken(seed, steps, message, List.copyOf(last.trace));
    }

    String inWords() {
        StringBuilder text =
                new StringBuilder("seed " + seed + ", " + steps.cardinality() + " steps of it: " + outcome);
        int shown = Math.min(events.size(), MAX_EVENTS);
        events.subList(events.size() - shown, events.size())
                .forEach(event ->
                        text.append(System.lineSeparator()).append("  ").append(event));
        return text.toString();
    }
}
