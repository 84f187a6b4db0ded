package dev.replicator.resolve;

import java.util.Locale;

/**
 * Repeats one history and prints every step: {@code SimulationTrace CONFIG SEED [RULE]}; or counts failures over a range:
 * {@code SimulationTrace CONFIG FIRST COUNT [RULE]}.
 */
final class SimulationTrace {
    private SimulationTrace() {}

    static SimSettings settings(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "CALM" -> SimSettings.CALM;
            case "CRASH" -> SimSettings.CRASH;
            case "DELETES" -> SimSettings.DELETES;
            case "RACE" -> SimSettings.RACE;
            case "HOT" -> SimSettings.HOT;
            case "STORES" -> SimSettings.STORES;
            case "GAPS" -> SimSettings.GAPS;
            case "GAPS_HARD" -> SimSettings.GAPS_HARD;
            case "GAPS_CALM" -> SimSettings.GAPS_CALM;
            default -> throw new IllegalArgumentException("no configuration " + name);
        };
    }

    public static void main(String[] arguments) {
        SimSettings settings = settings(arguments[0]);
        int first = Integer.parseInt(arguments[1]);
        boolean range = arguments.length > 2 && Character.isDigit(arguments[2].charAt(0));
        int rule = range ? 3 : 2;
        if (arguments.length > rule) {
            settings = settings.without(Rule.valueOf(arguments[rule]));
        }
        int count = range ? Integer.parseInt(arguments[2]) : 1;
        int failed = 0;
        for (int seed = first; seed < first + count; seed++) {
            Simulation simulation = new Simulation(seed, settings, !range);
            String outcome = "ended equal";
            try {
                simulation.run();
            } catch (RuntimeException e) {
                failed++;
                outcome = e.toString();
            }
            if (!range) {
                simulation.trace.forEach(System.out::println);
            }
            if (!range || !outcome.equals("ended equal")) {
                System.out.println("seed " + seed + ": " + outcome);
            }
        }
        System.out.println(failed + " of " + count + " failed");
    }
}
