package dev.replicator.resolve;

import dev.replicator.model.Batch;
import dev.replicator.model.Conflict;
import dev.replicator.model.Reached;
import dev.replicator.model.StoredPolicies;
import dev.replicator.model.TableName;
import dev.replicator.policy.PoliciesInForce;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The process: the real resolver, with connections and readers that do one thing at a time. */
final class SimProcess {
    /** How a session ended. */
    enum Outcome {
        COMMITTED,
        ROLLED_BACK,
        FENCED
    }

    private record Ended(int node, SimSession session, Outcome outcome) {}

    private final Simulation world;
    final Resolver resolver;
    private final int[] incarnation;
    private final long[] fence;
    private final int[] next;
    private final SimSession[] inFlight;
    private final List<Ended> ended = new ArrayList<>();
    /** Per master the keys of rows that it has to write again. */
    private final List<Deque<Integer>> again = new ArrayList<>();
    /** What it has recorded. */
    private final Set<String> recorded = new HashSet<>();
    /** A node that was given up is back, or policies have changed: another process has to start. */
    boolean over;

    final PoliciesInForce inForce;
    /** What it decides by. */
    private @Nullable StoredPolicies deciding;

    SimProcess(Simulation world) {
        this.world = world;
        int nodes = world.nodes.size();
        incarnation = new int[nodes];
        Arrays.fill(incarnation, -1);
        fence = new long[nodes];
        next = new int[world.sources];
        Arrays.fill(next, -1);
        inFlight = new SimSession[nodes];
        List<String> names = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            again.add(new ArrayDeque<>());
            names.add("n" + i);
        }
        int chunk = world.chance(.8) ? 1000 : 2;
        inForce = world.policies.begin();
        resolver = new Resolver(new ResolverSettings(
                names,
                world.sources,
                inForce::resolution,
                chunk,
                this::record,
                SimMemory.limits(world.seed),
                world.settings.rules));
        for (int i = 0; i < nodes; i++) {
            if (!connect(i) && i < world.sources) {
                inForce.lost(i);
            }
        }
    }

    /** Takes a step of what concerns policies; says whether there was one. */
    boolean rule() {
        boolean any = false;
        for (int master = 0; master < world.sources; master++) {
            SimNode node = world.nodes.get(master);
            StoredPolicies due = isAlive(master) && node.fence == fence[master] ? inForce.toStore(master) : null;
            if (due != null) {
                node.policies = due;
                world.note("n" + master + " stores " + due);
                inForce.stored(master, due);
                any = true;
                break;
            }
        }
        if (inForce.isOver()) {
            over = true;
        }
        if (inForce.mayDecide()) {
            any |= decide();
        }
        return any;
    }

    private boolean decide() {
        if (deciding == null) {
            deciding = inForce.inForce();
            long[] from = new long[world.sources];
            Arrays.setAll(
                    from,
                    source -> Math.max(
                            resolver.readEnd(source),
                            world.nodes.get(source).state.position()));
            world.policies.decides(deciding, from);
        }
        Set<TableName> waiting = inForce.waiting();
        resolver.watch(waiting);
        boolean closed = resolver.isClosed() || !world.settings.rules.contains(Rule.CLOSED);
        if (!waiting.isEmpty() && closed) {
            inForce.change();
            return true;
        }
        return false;
    }

    private void record(Conflict conflict) {
        world.conflicts++;
        world.note("records " + SimHistory.id(conflict) + " " + conflict.loser().kind() + ", lost to "
                + conflict.winner().database() + ":" + conflict.winner().commitLsn());
        if (!recorded.add(SimHistory.id(conflict))) {
            throw new SimViolation("TWICE " + SimHistory.id(conflict) + " is recorded");
        }
    }

    private boolean isAlive(int k) {
        SimNode node = world.nodes.get(k);
        return node.up && incarnation[k] == node.incarnation;
    }

    private boolean connect(int k) {
        SimNode node = world.nodes.get(k);
        if (isAlive(k)) {
            return true;
        }
        if (incarnation[k] >= 0) {
            forget(k);
        }
        if (node.up && resolver.isGivenUp(k)) {
            over = true;
            return false;
        }
        if (!node.up || node.locks.containsKey(SimNode.PROGRESS)) {
            return false;
        }
        node.fence++;
        node.lsn++;
        node.flush();
        fence[k] = node.fence;
        incarnation[k] = node.incarnation;
        if (k < world.sources && next[k] > 0) {
            next[k] = Math.max(0, next[k] - world.random.nextInt(3));
        }
        world.note("connects n" + k + " fence " + node.fence + " V " + node.progress.held() + " state " + node.state);
        SimNode.Progress progress = node.progress;
        resolver.connected(
                k,
                new TargetState(
                        node.fence,
                        progress.fence(),
                        progress.batch(),
                        progress.held(),
                        progress.copies(),
                        node.state,
                        node.lsn,
                        new byte[0],
                        0,
                        node.policies));
        if (k < world.sources) {
            inForce.connected(k, node.policies);
        }
        return true;
    }

    private void giveUp(int k) {
        if (!resolver.isGivenUp(k)) {
            world.note("gives up n" + k);
            forget(k);
            resolver.giveUp(k);
            world.givenUp++;
        }
    }

    private void forget(int k) {
        incarnation[k] = -1;
        inFlight[k] = null;
        ended.removeIf(each -> each.node() == k);
        resolver.disconnected(k);
        if (k < world.sources) {
            inForce.lost(k);
        }
    }

    /** The connection breaks; its sessions may go on. */
    void disconnect(int k) {
        if (incarnation[k] >= 0) {
            world.note("loses n" + k);
            forget(k);
            world.loseSessions(world.nodes.get(k));
        }
    }

    void ended(int node, SimSession session, Outcome outcome) {
        if (inFlight[node] == session) {
            ended.add(new Ended(node, session, outcome));
        }
    }

    /** Hears how a session ended, if one did. */
    boolean handle() {
        if (ended.isEmpty()) {
            return false;
        }
        Ended one = ended.remove(world.random.nextInt(ended.size()));
        int k = one.node();
        if (inFlight[k] != one.session() || !isAlive(k)) {
            return true;
        }
        inFlight[k] = null;
        switch (one.outcome()) {
            case COMMITTED -> resolver.written(k, one.session().batch.number(), new WriteResult(Set.of(), 0));
            case ROLLED_BACK -> resolver.failed(k, one.session().batch.number());
            case FENCED -> forget(k);
        }
        return true;
    }

    /** One random step that concerns a node. */
    void act(int k) {
        if (!isAlive(k) && SimMemory.givesUp(world.seed, world.now)) {
            giveUp(k);
            return;
        }
        rule();
        if (!again.get(k).isEmpty() && world.chance(.2)) {
            writeAgain(k);
            return;
        }
        double x = world.random.nextDouble();
        double store = world.settings.stopsEarly ? .15 : .05;
        if (x < .45) {
            read(k);
        } else if (x < .68) {
            begin(k, world.choose(1, 1, 2, 5, 50));
        } else if (x < .85) {
            handle();
        } else if (x < .85 + store) {
            store(false);
        } else {
            connect(k);
        }
    }

    /** One round of everything that concerns a node, for healing. */
    boolean tick(int k) {
        boolean progress = rule();
        progress |= handle();
        progress |= incarnation[k] < 0 && connect(k);
        connect(k);
        progress |= read(k);
        progress |= writeAgain(k);
        progress |= begin(k, 5);
        progress |= store(true);
        return progress;
    }

    /** Reads the next entry of a master's log, or asks a target how far it is durable. */
    boolean read(int k) {
        if (!connect(k)) {
            return false;
        }
        return k < world.sources ? deliver(k) : poll(k);
    }

    private boolean poll(int k) {
        SimNode node = world.nodes.get(k);
        if (node.flushedProgress.fence() == fence[k]) {
            long before = resolver.durableHeld(k).hashCode();
            resolver.durable(k, node.flushedProgress.batch());
            return before != resolver.durableHeld(k).hashCode();
        }
        return false;
    }

    private boolean deliver(int i) {
        SimNode node = world.nodes.get(i);
        if (resolver.startPosition(i) < 0) {
            return false;
        }
        if (next[i] < 0) {
            next[i] = 0;
            while (next[i] < node.log.size() && node.log.get(next[i]).lsn() < resolver.startPosition(i)) {
                next[i]++;
            }
        }
        if (next[i] >= node.flushed) {
            if (node.flushed == node.log.size() && resolver.readEnd(i) < node.flushedLsn) {
                resolver.deliver(i, new Reached(node.flushedLsn));
                return true;
            }
            return false;
        }
        SimNode.Entry entry = node.log.get(next[i]);
        if (!inForce.mayDecide() || deciding == null) {
            return false;
        }
        if (!resolver.deliver(i, entry.entry())) {
            return false;
        }
        resolver.takeLostMoves((row, master) -> {
            int key = Integer.parseInt(row.text(0));
            again.get(master).add(key);
        });
        world.note("read n" + i + ":" + entry.lsn());
        next[i]++;
        return true;
    }

    /** Has a row that moved with gaps written again; that this was done may not be heard. */
    private boolean writeAgain(int k) {
        SimNode node = world.nodes.get(k);
        if (again.get(k).isEmpty() || !connect(k) || node.fence != fence[k]) {
            return false;
        }
        int key = again.get(k).getFirst();
        if (node.holderOf(key, this) != null) {
            return false;
        }
        world.note("n" + k + " writes k" + key + " again");
        world.locals.writeAgain(node, key);
        if (world.chance(.9)) {
            again.get(k).removeFirst();
        }
        return true;
    }

    /** Begins a batch of about so many rows. */
    boolean begin(int k, int rows) {
        if (!connect(k) || inFlight[k] != null) {
            return false;
        }
        Batch batch = resolver.nextBatch(k, rows);
        if (batch == null) {
            return false;
        }
        SimNode node = world.nodes.get(k);
        world.sessions.open(node, batch, fence[k]);
        inFlight[k] = node.sessions.get(node.sessions.size() - 1);
        return true;
    }

    private boolean store(boolean all) {
        return store(source -> all || world.chance(.5));
    }

    /** Stores the states that are due on those sources. */
    boolean store(java.util.function.IntPredicate which) {
        boolean any = false;
        for (StateToStore due : resolver.statesToStore()) {
            SimNode node = world.nodes.get(due.source());
            if (which.test(due.source())
                    && again.get(due.source()).isEmpty()
                    && isAlive(due.source())
                    && node.fence == fence[due.source()]) {
                checkSafe(node, due);
                node.state = due.state();
                world.note("stores n" + due.source() + " " + due.state());
                resolver.stored(due.source(), due.state());
                any = true;
            }
        }
        return any;
    }

    private void checkSafe(SimNode node, StateToStore due) {
        for (SimNode.Entry entry : node.log) {
            if (entry.transaction() == null || entry.lsn() >= due.state().position()) {
                continue;
            }
            for (SimNode other : world.nodes) {
                if (other != node && !other.flushedProgress.held().covers(node.index, entry.lsn())) {
                    throw new SimViolation(
                            "ACK n" + node.index + ":" + entry.lsn() + " is not durable at n" + other.index);
                }
            }
        }
    }
}
