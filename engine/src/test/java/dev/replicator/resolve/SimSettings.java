package dev.replicator.resolve;

import java.util.EnumSet;
import java.util.Set;

/**
 * How a simulated history is drawn.
 *
 * @param whole only whole rows, no TRUNCATE, no change of key (then the history of conflicts is checked too)
 * @param keys how many keys; 0: by the seed
 * @param sources how many masters; 0: by the seed
 * @param processCrash chance per step that the process dies
 * @param processStart chance per step that a dead one starts
 * @param nodeCrash chance per step that a server crashes
 * @param sessionLoss chance per step that a connection breaks
 * @param bias what local transactions do: mixed, dels, race
 * @param stopsEarly local writing stops early and acknowledging is frequent
 */
record SimSettings(
        boolean whole,
        int keys,
        int sources,
        double processCrash,
        double processStart,
        double nodeCrash,
        double sessionLoss,
        String bias,
        boolean stopsEarly,
        Set<Rule> rules) {
    static final SimSettings CRASH =
            new SimSettings(true, 0, 0, .02, .4, .008, .01, "mixed", false, EnumSet.allOf(Rule.class));
    static final SimSettings DELETES =
            new SimSettings(true, 1, 0, .02, .3, .005, .01, "dels", false, EnumSet.allOf(Rule.class));
    static final SimSettings RACE =
            new SimSettings(true, 1, 2, .02, .5, .004, .01, "race", false, EnumSet.allOf(Rule.class));
    static final SimSettings HOT =
            new SimSettings(true, 1, 0, .01, .2, .004, .004, "mixed", false, EnumSet.allOf(Rule.class));
    static final SimSettings CALM = new SimSettings(true, 0, 0, 0, 1, 0, 0, "mixed", false, EnumSet.allOf(Rule.class));
    static final SimSettings STORES =
            new SimSettings(true, 0, 0, .05, .6, .004, .004, "mixed", true, EnumSet.allOf(Rule.class));
    static final SimSettings GAPS =
            new SimSettings(false, 0, 0, .01, .3, .004, .006, "mixed", false, EnumSet.allOf(Rule.class));
    static final SimSettings GAPS_HARD =
            new SimSettings(false, 0, 0, .02, .3, .004, .006, "mixed", true, EnumSet.allOf(Rule.class));
    static final SimSettings GAPS_CALM =
            new SimSettings(false, 0, 0, 0, 1, 0, 0, "mixed", false, EnumSet.allOf(Rule.class));

    SimSettings without(Rule rule) {
        Set<Rule> fewer = EnumSet.copyOf(rules);
        fewer.remove(rule);
        return new SimSettings(
                whole, keys, sources, processCrash, processStart, nodeCrash, sessionLoss, bias, stopsEarly, fewer);
    }
}
