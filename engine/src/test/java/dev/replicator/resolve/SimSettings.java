package dev.replicator.resolve;

import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** How a simulated history is drawn. Not changed once a history has begun. */
final class SimSettings {
    /** What the log holds of a changed row. */
    enum Rows {
        /** The whole row, and nothing of the row before. */
        WHOLE,
        /** Unchanged large values are left out. */
        GAPS,
        /** The whole row and the whole row before: REPLICA IDENTITY FULL. */
        FULL
    }

    /** What local transactions do. */
    enum Bias {
        MIXED,
        DELETES,
        /** One master deletes, and its clock is ahead. */
        RACE,
        /** Rows live: nothing but updates. */
        UPDATES
    }

    Rows rows = Rows.WHOLE;
    /** Whether TRUNCATE and changes of key occur. */
    boolean shapes;

    /** Whether rows change their keys often, and then leave out large values in the log. */
    boolean movesWithGaps;

    Resolution resolution = Resolution.LATEST;
    /** What is configured instead now and then; empty: nothing. */
    List<Resolution> others = List.of();
    /** How many keys; 0: by the seed. */
    int keys;
    /** How many masters; 0: by the seed. */
    int sources;
    /** How many masters and targets in all; 0: by the seed. */
    int nodes;
    /** At most so many databases more: masters and targets. */
    int wide;
    /** Chance per step that the process dies. */
    double processCrash = .01;
    /** Chance per step that a dead one starts. */
    double processStart = .3;
    /** Chance per step that a server crashes. */
    double nodeCrash = .004;
    /** Chance per step that a connection breaks. */
    double sessionLoss = .006;

    Bias bias = Bias.MIXED;
    /** Local writing stops early and acknowledging is frequent. */
    boolean stopsEarly;
    /** One server is not reachable for a third of the history. */
    boolean away;

    Set<Rule> rules = EnumSet.allOf(Rule.class);

    private SimSettings() {}

    static SimSettings drawn(Consumer<SimSettings> how) {
        SimSettings settings = new SimSettings();
        how.accept(settings);
        return settings;
    }

    void crashes(double process, double start, double node, double session) {
        processCrash = process;
        processStart = start;
        nodeCrash = node;
        sessionLoss = session;
    }

    void without(Rule rule) {
        rules = EnumSet.copyOf(rules);
        rules.remove(rule);
    }

    /** All that may come into force. */
    List<Resolution> resolutions() {
        List<Resolution> all = new ArrayList<>(List.of(resolution));
        all.addAll(others);
        return all;
    }

    /** Whether rows have a counter that goes up and down. */
    boolean counts() {
        return resolutions().stream()
                .anyMatch(each -> each instanceof Resolution.Replay replay
                        && !replay.counters().isEmpty());
    }

    boolean byColumn() {
        return resolution instanceof Resolution.Replay replay && replay.byColumn();
    }

    boolean keepsEach() {
        return resolutions().stream().anyMatch(Resolution.KeepEach.class::isInstance);
    }

    /** Whether every change states its whole row, so that what was discarded can be told version by version. */
    boolean historyIsChecked() {
        return rows == Rows.WHOLE && !shapes;
    }

    /** Whether changes state columns or increments, so that what was discarded can be told value by value. */
    boolean historyIsCheckedByColumn() {
        return rows == Rows.FULL
                && others.isEmpty()
                && resolution instanceof Resolution.Replay replay
                && replay.needsOldRows();
    }
}
