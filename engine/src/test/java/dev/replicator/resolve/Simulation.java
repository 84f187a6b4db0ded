package dev.replicator.resolve;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A seeded history of masters, targets and one process that is killed, restarted and outlived by its own late sessions.
 *
 * <p>The world is PostgreSQL reduced to what the model rests on: commit order is overwrite order, a statement that meets
 * no row locks nothing, only flushed entries are read, asynchronous commits can be lost with their mark. The process is
 * the real {@link Resolver}. One seed, one history.
 */
final class Simulation {
    /** No step left out. */
    static final BitSet ALL_STEPS = new BitSet(0);

    /** More than what makes it due to store a state. */
    static final long OTHER_LOG = 17L << 20;

    final SimSettings settings;
    final Random random = new Random(0);
    final SimLocals locals;
    final SimSessions sessions;
    final SimPolicies policies;
    final List<SimNode> nodes = new ArrayList<>();
    final int sources;
    final int keys;
    final long seed;
    /** What each version overwrote, by version name. */
    final Map<String, List<String>> parents = new HashMap<>();
    /** All local versions that hold a row: name to key. */
    final Map<String, Integer> versions = new HashMap<>();
    /** Rows that a TRUNCATE of an application removed. */
    final List<Map<String, String>> truncated = new ArrayList<>();
    /** Deletes that met no row somewhere. */
    final Set<String> missedDeletes = new HashSet<>();

    final Map<Integer, Map<String, String>> initial = new HashMap<>();
    final List<String> trace = new ArrayList<>();
    final boolean tracing;

    @Nullable
    SimProcess process;

    long now;
    int conflicts;
    int skips;
    int givenUp;

    final int steps;
    private final BitSet kept;
    private final double writing;
    final double stop;
    private final double flushing;
    /** The server that is away for long, if any; and from when to when. */
    private final int away;

    private final long awayFrom;
    private final long awayTo;
    private int counter;
    private int power;

    /** {@code kept}: the steps that are taken; {@link #ALL_STEPS} for all of them. */
    Simulation(long seed, SimSettings settings, BitSet kept, boolean tracing) {
        this.seed = seed;
        this.settings = settings;
        this.kept = kept;
        this.tracing = tracing;
        this.locals = new SimLocals(this);
        this.sessions = new SimSessions(this);
        reseed(-1);
        sources =
                settings.sources > 0 ? settings.sources : choose(2, 2, 3, 3, 4) + random.nextInt(settings.wide / 2 + 1);
        int all = settings.nodes > 0
                ? settings.nodes
                : Math.min(7, sources + choose(0, 1, 1, 2) + random.nextInt(settings.wide + 1));
        policies = new SimPolicies(this);
        keys = settings.keys > 0 ? settings.keys : choose(1, 1, 2, 3, 4);
        steps = settings.stopsEarly ? choose(40, 80, 200, 400) : choose(60, 150, 300, 600);
        writing = choose(1, 2, 4, 8) * .05;
        stop = steps * (settings.stopsEarly ? choose(10, 20, 40, 70) : choose(100, 50, 30, 15)) / 100.0;
        flushing = choose(2, 10, 30) / 100.0;
        for (int i = 0; i < all; i++) {
            SimNode node = new SimNode(i, sources);
            node.skewMicros = choose(0, 0, -300, 300, 5000, -5000);
            node.driftMicros = choose(0, 0, 1, -1, 3);
            if (settings.others.isEmpty()) {
                node.policies = policies.first();
            }
            nodes.add(node);
        }
        if (settings.bias == SimSettings.Bias.RACE) {
            nodes.get(0).skewMicros = 90_000;
        }
        away = settings.away ? random.nextInt(all) : -1;
        awayFrom = (long) steps / 6 + random.nextInt(steps / 3);
        awayTo = awayFrom + steps / 3;
        for (int key = 0; key < keys; key++) {
            if (settings.bias == SimSettings.Bias.UPDATES || random.nextDouble() < .4) {
                Map<String, String> columns = Map.of("a", "init" + key, "t", "init" + key, "u", "init" + key, "c", "0");
                initial.put(key, columns);
                for (SimNode node : nodes) {
                    node.rows.put(key, new SimNode.SimRow(columns, "init" + key, true));
                    node.flushedRows.put(key, new SimNode.SimRow(columns, "init" + key, true));
                }
            }
        }
    }

    /** Each step draws from a seed of its own, so that leaving one out does not change what the others do. */
    private void reseed(int step) {
        random.setSeed(seed * 1_000_003 + step * 7_919L + 17);
    }

    int next() {
        return ++counter;
    }

    int nextPower() {
        return power++;
    }

    int choose(int... values) {
        return values[random.nextInt(values.length)];
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    void note(String what) {
        if (tracing) {
            trace.add(now + " " + what);
        }
    }

    /** Runs the history, heals everything, and checks the end. Throws {@link SimViolation}. */
    void run() {
        for (int i = 0; i < steps; i++) {
            now++;
            if (kept.isEmpty() || kept.get(i)) {
                reseed(i);
                step();
            }
        }
        reseed(steps);
        end();
    }

    /** Heals everything and checks the end. */
    void end() {
        heal();
        new SimCheck(this).check();
    }

    private void step() {
        if (away >= 0 && now >= awayFrom && now < awayTo && nodes.get(away).up) {
            note("n" + away + " is away");
            nodes.get(away).crash();
        }
        if (chance(settings.processCrash) && process != null) {
            killProcess();
            return;
        }
        if (process == null && chance(settings.processStart)) {
            start();
        }
        if (chance(settings.nodeCrash)) {
            SimNode node = any();
            if (node.up) {
                note("n" + node.index + " crashes, losing " + (node.log.size() - node.flushed) + " entries");
                node.crash();
            }
            return;
        }
        if (chance(settings.sessionLoss) && process != null) {
            process.disconnect(any().index);
            return;
        }
        if (chance(.01)) {
            SimNode node = any();
            node.up |= node.index != away || now >= awayTo;
            return;
        }
        if (chance(.003)) {
            // Other databases of its cluster fill the log.
            SimNode node = any();
            node.lsn += OTHER_LOG;
            return;
        }
        if (chance(.006)) {
            nodes.get(random.nextInt(sources)).skewMicros += choose(-2000, -100, 100, 2000);
            return;
        }
        if (!settings.others.isEmpty() && chance(.02)) {
            policies.edit();
            return;
        }
        if (chance(writing)) {
            locals.write(nodes.get(random.nextInt(sources)));
            return;
        }
        work(any());
    }

    private void work(SimNode node) {
        startAnew();
        if (!node.up) {
            if (process != null && SimMemory.givesUp(seed, now)) {
                process.act(node.index);
            }
            return;
        }
        if (chance(flushing * .3)) {
            node.flushTo(
                    node.flushed < node.log.size()
                            ? node.flushed + 1 + random.nextInt(node.log.size() - node.flushed)
                            : node.log.size());
            return;
        }
        if (!node.sessions.isEmpty() && chance(.5)) {
            sessions.step(node, node.sessions.get(random.nextInt(node.sessions.size())));
            return;
        }
        if (process != null) {
            process.act(node.index);
        }
    }

    /** A node that was given up is back, or policies have changed: everything is read again. */
    private boolean startAnew() {
        if (process == null || !process.over) {
            return false;
        }
        note("begins anew");
        killProcess();
        start();
        return true;
    }

    private SimNode any() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    void start() {
        note("process starts");
        process = new SimProcess(this);
    }

    void killProcess() {
        note("process killed");
        process.resolver.close();
        process = null;
        for (SimNode node : nodes) {
            loseSessions(node);
        }
    }

    /** Half of the sessions end at once, the others go on by themselves. */
    void loseSessions(SimNode node) {
        for (SimSession session : List.copyOf(node.sessions)) {
            if (!session.late) {
                if (chance(.5)) {
                    node.release(session);
                    node.sessions.remove(session);
                } else {
                    session.late = true;
                }
            }
        }
    }

    // ------------------------------------------------------------ healing

    private void heal() {
        note("--- heals");
        for (SimNode node : nodes) {
            node.up = true;
        }
        int idle = 0;
        for (int round = 0; round < 2000 && idle < 4; round++) {
            now++;
            if (process == null) {
                start();
            }
            idle = settle() ? 0 : idle + 1;
        }
        if (idle < 4) {
            throw new SimViolation("LIVELOCK");
        }
    }

    private boolean settle() {
        boolean progress = false;
        for (SimNode node : nodes) {
            for (SimNode.SimTransaction t : List.copyOf(node.local)) {
                if (node.local.contains(t)) {
                    progress |= locals.step(node, t);
                }
            }
            for (SimSession session : List.copyOf(node.sessions)) {
                if (node.sessions.contains(session)) {
                    progress |= sessions.step(node, session);
                }
            }
            if (node.flushed < node.log.size()) {
                node.flush();
                progress = true;
            }
        }
        progress |= startAnew();
        SimProcess current = process;
        for (SimNode node : nodes) {
            progress |= current != null && current.tick(node.index);
        }
        return progress;
    }
}
