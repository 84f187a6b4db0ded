package dev.replicator.resolve;

import dev.replicator.policy.Policies;
import dev.replicator.policy.Resolution;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The kinds of histories that are drawn, by the names under which they are repeated. */
@SuppressWarnings("ImmutableEnumChecker") // the lambdas have no state
enum Histories {
    CALM(s -> s.crashes(0, 1, 0, 0)),
    CRASH(s -> s.crashes(.02, .4, .008, .01)),
    DELETES(s -> {
        s.crashes(.02, .3, .005, .01);
        s.bias = SimSettings.Bias.DELETES;
        s.keys = 1;
    }),
    RACE(s -> {
        s.crashes(.02, .5, .004, .01);
        s.bias = SimSettings.Bias.RACE;
        s.keys = 1;
        s.sources = 2;
    }),
    HOT(s -> {
        s.crashes(.01, .2, .004, .004);
        s.keys = 1;
    }),
    STORES(s -> {
        s.crashes(.05, .6, .004, .004);
        s.stopsEarly = true;
    }),
    /** Up to seven databases. */
    WIDE(s -> {
        s.crashes(.01, .4, .006, .008);
        s.wide = 3;
    }),
    /** One database is away for long. */
    AWAY(s -> {
        s.crashes(.01, .4, .004, .006);
        s.away = true;
    }),
    GAPS_CALM(s -> {
        s.crashes(0, 1, 0, 0);
        gaps(s);
    }),
    GAPS(Histories::gaps),
    GAPS_HARD(s -> {
        s.crashes(.02, .3, .004, .006);
        s.stopsEarly = true;
        gaps(s);
    }),
    /** Rows change their keys, and large values are then not in the log. */
    MOVES_CALM(s -> {
        s.crashes(0, 1, 0, 0);
        moves(s);
    }),
    MOVES(Histories::moves),
    MOVES_HARD(s -> {
        s.crashes(.02, .3, .004, .006);
        s.stopsEarly = true;
        moves(s);
    }),
    COLUMNS(s -> full(s, new Resolution.Replay(true, Set.of()))),
    COLUMNS_HARD(s -> {
        full(s, new Resolution.Replay(true, Set.of()));
        s.crashes(.02, .3, .004, .006);
        s.stopsEarly = true;
    }),
    DELTA(s -> full(s, new Resolution.Replay(false, Set.of(SimTable.COUNTER)))),
    DELTA_HARD(s -> {
        full(s, new Resolution.Replay(false, Set.of(SimTable.COUNTER)));
        s.crashes(.02, .3, .004, .006);
        s.stopsEarly = true;
    }),
    COLUMNS_DELTA(s -> full(s, new Resolution.Replay(true, Set.of(SimTable.COUNTER)))),
    /** One row that up to seven databases write, without TRUNCATE. */
    COLUMNS_HOT(s -> {
        full(s, new Resolution.Replay(true, Set.of(SimTable.COUNTER)));
        s.crashes(.02, .3, .004, .008);
        s.shapes = false;
        s.keys = 1;
        s.wide = 3;
    }),
    /** Rows are only updated, so counters end at the sum of all increments. */
    COUNTERS(s -> {
        full(s, new Resolution.Replay(true, Set.of(SimTable.COUNTER)));
        s.crashes(.02, .3, .006, .008);
        s.shapes = false;
        s.bias = SimSettings.Bias.UPDATES;
    }),
    FIRST(s -> decided(s, new Resolution.Decided("first", Policies.first()))),
    PRIORITY(s -> decided(s, priority())),
    SOURCE(s -> decided(s, new Resolution.Decided("source", Policies.source("n1")))),
    RANDOM(s -> decided(s, new Resolution.Decided("random", Policies.random()))),
    /** A handler that picks, merges, deletes, asks for a person, and sometimes fails. */
    CUSTOM(s -> decided(s, SimHandler.RESOLUTION)),
    SKIP(s -> decided(s, new Resolution.KeepEach())),
    FIRST_SHAPES(s -> shapes(s, new Resolution.Decided("first", Policies.first()))),
    PRIORITY_SHAPES(s -> shapes(s, priority())),
    RANDOM_SHAPES(s -> shapes(s, new Resolution.Decided("random", Policies.random()))),
    CUSTOM_SHAPES(s -> shapes(s, SimHandler.RESOLUTION)),
    SKIP_SHAPES(s -> shapes(s, new Resolution.KeepEach())),
    /** The configuration names another policy now and then. */
    CHANGED(s -> {
        decided(s, priority());
        s.others = List.of(new Resolution.Decided("first", Policies.first()), Resolution.LATEST, SimHandler.RESOLUTION);
    }),
    CHANGED_SHAPES(s -> {
        full(s, new Resolution.Replay(true, Set.of(SimTable.COUNTER)));
        s.others = List.of(priority(), Resolution.LATEST, new Resolution.Replay(false, Set.of(SimTable.COUNTER)));
    }),
    CHANGED_STORES(s -> {
        decided(s, priority());
        s.crashes(.05, .6, .004, .004);
        s.stopsEarly = true;
        s.others = List.of(new Resolution.Decided("random", Policies.random()), Resolution.LATEST);
    }),
    CHANGED_AWAY(s -> {
        decided(s, priority());
        s.wide = 3;
        s.away = true;
        s.others = List.of(new Resolution.Decided("first", Policies.first()));
    }),
    PRIORITY_STORES(s -> {
        decided(s, priority());
        s.crashes(.05, .6, .004, .004);
        s.stopsEarly = true;
    });

    private final Consumer<SimSettings> how;

    Histories(Consumer<SimSettings> how) {
        this.how = how;
    }

    SimSettings settings() {
        return SimSettings.drawn(how);
    }

    SimSettings without(Rule rule) {
        SimSettings settings = settings();
        settings.without(rule);
        return settings;
    }

    private static void gaps(SimSettings s) {
        s.rows = SimSettings.Rows.GAPS;
        s.shapes = true;
    }

    private static void moves(SimSettings s) {
        gaps(s);
        s.movesWithGaps = true;
    }

    private static void full(SimSettings s, Resolution resolution) {
        s.rows = SimSettings.Rows.FULL;
        s.shapes = true;
        s.resolution = resolution;
    }

    private static void decided(SimSettings s, Resolution resolution) {
        s.crashes(.02, .4, .006, .008);
        s.resolution = resolution;
    }

    private static void shapes(SimSettings s, Resolution resolution) {
        s.shapes = true;
        s.resolution = resolution;
    }

    private static Resolution priority() {
        return new Resolution.Decided("priority", Policies.priority(List.of("n1", "n0")));
    }
}
