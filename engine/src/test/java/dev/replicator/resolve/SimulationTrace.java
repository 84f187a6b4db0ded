package dev.replicator.resolve;

import java.util.Locale;

/**
 * Repeats one history and prints every step: {@code SimulationTrace CONFIG SEED [RULE]}, shrunk if it breaks; or counts
 * failures over a range: {@code SimulationTrace CONFIG FIRST COUNT [RULE]}. A rule that is named is switched off.
 */
final class SimulationTrace {
    private SimulationTrace() {}

    public static void main(String[] arguments) {
        SimSettings settings =
                Histories.valueOf(arguments[0].toUpperCase(Locale.ROOT)).settings();
        int first = Integer.parseInt(arguments[1]);
        boolean range = arguments.length > 2 && Character.isDigit(arguments[2].charAt(0));
        int rule = range ? 3 : 2;
        if (arguments.length > rule) {
            settings.without(Rule.valueOf(arguments[rule]));
        }
        if (range) {
            count(settings, first, Integer.parseInt(arguments[2]));
        } else {
            one(settings, first);
        }
    }

    private static void one(SimSettings settings, int seed) {
        String outcome = Broken.outcome(seed, settings);
        if (outcome == null) {
            Simulation simulation = new Simulation(seed, settings, Simulation.ALL_STEPS, true);
            simulation.run();
            simulation.trace.forEach(System.out::println);
            System.out.println("seed " + seed + ": ended equal");
        } else {
            System.out.println(Broken.shrunk(seed, settings, outcome).inWords());
        }
    }

    private static void count(SimSettings settings, int first, int count) {
        int failed = 0;
        for (int seed = first; seed < first + count; seed++) {
            String outcome = Broken.outcome(seed, settings);
            if (outcome != null) {
                failed++;
                System.out.println("seed " + seed + ": " + outcome);
            }
        }
        System.out.println(failed + " of " + count + " failed");
    }
}
