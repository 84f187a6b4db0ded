package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.Transaction;
import java.util.ArrayList;
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
    final SimSettings settings;
    final Random random;
    final List<SimNode> nodes = new ArrayList<>();
    final int sources;
    final int keys;
    final long seed;
    /** What each version overwrote, by version name. */
    final Map<String, List<String>> parents = new HashMap<>();
    /** All local versions that hold a row: name to key. */
    final Map<String, Integer> versions = new HashMap<>();
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

    private final int steps;
    private final double writing;
    private final double stop;
    private final double flushing;
    private int counter;

    Simulation(long seed, SimSettings settings, boolean tracing) {
        this.seed = seed;
        this.settings = settings;
        this.tracing = tracing;
        this.random = new Random(seed * 7_919 + 17);
        sources = settings.sources() > 0 ? settings.sources() : choose(2, 2, 3, 3, 4);
        int all = sources + choose(0, 1, 1, 2);
        keys = settings.keys() > 0 ? settings.keys() : choose(1, 1, 2, 3, 4);
        steps = settings.stopsEarly() ? choose(40, 80, 200, 400) : choose(60, 150, 300, 600);
        writing = choose(1, 2, 4, 8) * .05;
        stop = steps * (settings.stopsEarly() ? choose(10, 20, 40, 70) : choose(100, 50, 30, 15)) / 100.0;
        flushing = choose(2, 10, 30) / 100.0;
        for (int i = 0; i < all; i++) {
            SimNode node = new SimNode(i, sources);
            node.skewMicros = choose(0, 0, -300, 300, 5000, -5000);
            node.driftMicros = choose(0, 0, 1, -1, 3);
            nodes.add(node);
        }
        if (settings.bias().equals("race")) {
            nodes.get(0).skewMicros = 90_000;
        }
        for (int key = 0; key < keys; key++) {
            if (random.nextDouble() < .4) {
                Map<String, String> columns = Map.of("a", "init" + key, "t", "init" + key, "u", "init" + key);
                initial.put(key, columns);
                for (SimNode node : nodes) {
                    node.rows.put(key, new SimNode.SimRow(columns, "init" + key, true));
                    node.flushedRows.put(key, new SimNode.SimRow(columns, "init" + key, true));
                }
            }
        }
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
            step();
        }
        heal();
        new SimCheck(this).check();
    }

    private void step() {
        if (chance(settings.processCrash()) && process != null) {
            killProcess();
            return;
        }
        if (process == null && chance(settings.processStart())) {
            start();
        }
        if (chance(settings.nodeCrash())) {
            SimNode node = any();
            if (node.up) {
                note("n" + node.index + " crashes, losing " + (node.log.size() - node.flushed) + " entries");
                node.crash();
            }
            return;
        }
        if (chance(settings.sessionLoss()) && process != null) {
            process.disconnect(any().index);
            return;
        }
        if (chance(.01)) {
            any().up = true;
            return;
        }
        if (chance(.006)) {
            nodes.get(random.nextInt(sources)).skewMicros += choose(-2000, -100, 100, 2000);
            return;
        }
        if (chance(writing)) {
            write(nodes.get(random.nextInt(sources)));
            return;
        }
        work(any());
    }

    private void work(SimNode node) {
        if (!node.up) {
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
            stepSession(node, node.sessions.get(random.nextInt(node.sessions.size())));
            return;
        }
        if (process != null) {
            process.act(node.index);
        }
    }

    private SimNode any() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    private void start() {
        note("process starts");
        process = new SimProcess(this);
    }

    private void killProcess() {
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

    // ------------------------------------------------------------ local transactions

    private void write(SimNode node) {
        if (!node.up) {
            return;
        }
        if (node.local.size() < 3 && now < stop && chance(.35)) {
            node.local.add(draw(node));
        } else if (!node.local.isEmpty()) {
            stepLocal(node, node.local.get(random.nextInt(node.local.size())));
        }
    }

    private SimNode.SimTransaction draw(SimNode node) {
        SimNode.SimTransaction transaction = new SimNode.SimTransaction();
        if (!settings.whole() && chance(.03)) {
            transaction.operations.add(new SimNode.SimOperation("truncate", 0, 0));
        }
        int count = choose(1, 1, 1, 2, 3);
        for (int i = 0; i < count; i++) {
            int key = random.nextInt(keys);
            double x = random.nextDouble();
            String kind;
            switch (settings.bias()) {
                case "race" -> kind = (node.index == 0 ? x < .5 : x < .15) ? "delete" : "insert";
                case "dels" -> kind = x < .5 ? "insert" : "delete";
                default -> kind = x < .35 ? "insert" : x < .7 ? "update" : x < .92 ? "delete" : "replace";
            }
            if (kind.equals("replace")) {
                transaction.operations.add(new SimNode.SimOperation("delete", key, 0));
                transaction.operations.add(new SimNode.SimOperation("insert", random.nextInt(keys), 0));
            } else if (kind.equals("update") && !settings.whole() && keys > 1 && chance(.1)) {
                transaction.operations.add(new SimNode.SimOperation("move", key, (key + 1) % keys));
            } else {
                transaction.operations.add(new SimNode.SimOperation(kind, key, 0));
            }
        }
        return transaction;
    }

    private boolean stepLocal(SimNode node, SimNode.SimTransaction transaction) {
        if (transaction.at == transaction.operations.size()) {
            commitLocal(node, transaction);
            return true;
        }
        SimNode.SimOperation operation = transaction.operations.get(transaction.at);
        if (wants(node, transaction) != null) {
            return blocked(node, transaction);
        }
        execute(node, transaction, operation);
        transaction.at++;
        return true;
    }

    private void execute(SimNode node, SimNode.SimTransaction t, SimNode.SimOperation operation) {
        int key = operation.key();
        switch (operation.kind()) {
            case "truncate" -> {
                node.locks.put(SimNode.TABLE, t);
                t.truncated = true;
                t.changes.add(Change.truncate(SimTable.TABLE));
            }
            case "insert" -> {
                if (!exists(node, t, key)) {
                    node.locks.put(key, t);
                    Map<String, String> columns = fresh(true);
                    put(node, t, key, columns);
                    t.changes.add(Change.insert(SimTable.key(key), SimTable.row(key, columns)));
                }
            }
            case "update" -> {
                if (exists(node, t, key)) {
                    node.locks.put(key, t);
                    Map<String, String> carried = fresh(settings.whole());
                    put(node, t, key, carried);
                    t.changes.add(Change.update(SimTable.key(key), SimTable.row(key, carried), null));
                }
            }
            case "delete" -> {
                if (exists(node, t, key)) {
                    node.locks.put(key, t);
                    delete(node, t, key);
                }
            }
            default -> move(node, t, operation);
        }
    }

    private void move(SimNode node, SimNode.SimTransaction t, SimNode.SimOperation operation) {
        int key = operation.key();
        int to = operation.toKey();
        if (exists(node, t, key) && !exists(node, t, to)) {
            node.locks.put(key, t);
            node.locks.put(to, t);
            Map<String, String> columns = new HashMap<>(columns(node, t, key));
            columns.put("a", "v" + ++counter);
            delete(node, t, key);
            put(node, t, to, columns);
            t.changes.add(new Change(
                    dev.replicator.model.ChangeKind.INSERT,
                    SimTable.TABLE,
                    SimTable.key(to),
                    SimTable.row(to, columns),
                    null,
                    SimTable.key(key)));
        }
    }

    private Map<String, String> fresh(boolean whole) {
        String version = "v" + ++counter;
        Map<String, String> columns = new HashMap<>();
        columns.put("a", version);
        if (whole || chance(.4)) {
            columns.put("t", version);
        }
        if (whole || chance(.4)) {
            columns.put("u", version);
        }
        return columns;
    }

    private void delete(SimNode node, SimNode.SimTransaction t, int key) {
        String version = "d" + ++counter;
        parents.put(version, List.of(current(node, t, key)));
        t.written.put(key, new SimNode.SimRow(null, version, true));
        t.changes.add(Change.delete(SimTable.key(key), SimTable.row(key, Map.of("a", version)), null));
    }

    private void put(SimNode node, SimNode.SimTransaction t, int key, Map<String, String> carried) {
        String version = String.valueOf(carried.get("a"));
        parents.put(version, List.of(current(node, t, key)));
        versions.put(version, key);
        Map<String, String> columns = new HashMap<>(columns(node, t, key));
        columns.putAll(carried);
        t.written.put(key, new SimNode.SimRow(columns, version, true));
    }

    private static boolean exists(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow own = t.written.get(key);
        return own != null ? own.exists() : !t.truncated && node.has(key);
    }

    private static String current(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow own = t.written.containsKey(key) ? t.written.get(key) : node.rows.get(key);
        return own == null ? "nothing" : own.version();
    }

    private static Map<String, String> columns(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow row = t.written.containsKey(key) ? t.written.get(key) : t.truncated ? null : node.rows.get(key);
        Map<String, String> columns = row == null ? null : row.columns();
        return columns == null ? Map.of() : columns;
    }

    private void commitLocal(SimNode node, SimNode.SimTransaction t) {
        node.local.remove(t);
        node.release(t);
        if (t.changes.isEmpty()) {
            return;
        }
        long commit = node.lsn + 1;
        long micros = 1_000_000 + now * 10 + node.skewMicros + node.driftMicros * now;
        Transaction transaction = new Transaction(
                commit, commit + 1, micros, (int) commit, null, new SimChanges(List.copyOf(t.changes), chance(.2)));
        SimNode.Entry entry = new SimNode.Entry(
                commit, transaction, new HashMap<>(t.written), t.truncated, null, node.held, List.of());
        SimNode.apply(node.rows, entry);
        node.append(entry);
        node.flush();
        note("n" + node.index + " commits " + (transaction.changes().memoryBytes() == 0 ? "BULK " : "") + commit
                + " at " + micros + ": " + describe(t.changes));
    }

    private static String describe(List<Change> changes) {
        StringBuilder text = new StringBuilder();
        for (Change change : changes) {
            text.append(change.kind())
                    .append(' ')
                    .append(change.key() == null ? "" : "k" + SimTable.keyOf(change.requireKey()))
                    .append(SimTable.columns(change.row()))
                    .append("; ");
        }
        return text.toString();
    }

    // ------------------------------------------------------------ locks

    /** Who keeps a transaction or session from its next step; null: nobody. */
    private @Nullable Object wants(SimNode node, Object who) {
        if (who instanceof SimNode.SimTransaction t) {
            return t.at == t.operations.size() ? null : wantsLocal(node, t);
        }
        SimSession session = (SimSession) who;
        if (!session.locked) {
            Object holder = node.locks.get(SimNode.PROGRESS);
            return holder == session ? null : holder;
        }
        if (session.at == session.operations.size()) {
            return null;
        }
        Operation operation = session.operations.get(session.at);
        if (operation.kind() == Operation.Kind.TRUNCATE) {
            return node.anyHolder(session);
        }
        int key = SimTable.keyOf(operation.requireKey());
        boolean locksNothing = operation.kind() != Operation.Kind.UPSERT && !exists(node, session, key);
        return locksNothing ? tableHolder(node, session) : node.holderOf(key, session);
    }

    private static @Nullable Object tableHolder(SimNode node, Object me) {
        Object holder = node.locks.get(SimNode.TABLE);
        return holder == me ? null : holder;
    }

    private static @Nullable Object wantsLocal(SimNode node, SimNode.SimTransaction t) {
        SimNode.SimOperation operation = t.operations.get(t.at);
        return switch (operation.kind()) {
            case "truncate" -> node.anyHolder(t);
            case "insert" -> node.holderOf(operation.key(), t);
            case "move" -> {
                Object first =
                        exists(node, t, operation.key()) ? node.holderOf(operation.key(), t) : tableHolder(node, t);
                yield first != null ? first : node.holderOf(operation.toKey(), t);
            }
            default -> exists(node, t, operation.key()) ? node.holderOf(operation.key(), t) : tableHolder(node, t);
        };
    }

    private static boolean exists(SimNode node, SimSession session, int key) {
        SimNode.SimRow own = session.written.get(key);
        return own != null ? own.exists() : !session.truncated && node.has(key);
    }

    /** Waits; a deadlock picks a victim. */
    private boolean blocked(SimNode node, Object me) {
        List<Object> chain = new ArrayList<>(List.of(me));
        Object next = wants(node, me);
        while (next != null && !chain.contains(next)) {
            chain.add(next);
            next = wants(node, next);
        }
        if (next != me) {
            return false;
        }
        Object victim = chain.get(random.nextInt(chain.size()));
        node.release(victim);
        if (victim instanceof SimNode.SimTransaction t) {
            node.local.remove(t);
        } else {
            end(node, (SimSession) victim, SimProcess.Outcome.ROLLED_BACK);
        }
        return true;
    }

    // ------------------------------------------------------------ our sessions

    boolean stepSession(SimNode node, SimSession session) {
        if (wants(node, session) != null) {
            return blocked(node, session);
        }
        if (!session.locked) {
            if (session.fence != node.fence) {
                note("session of batch " + session.batch.number() + " fenced at n" + node.index);
                end(node, session, SimProcess.Outcome.FENCED);
                return true;
            }
            node.locks.put(SimNode.PROGRESS, session);
            session.locked = true;
            return true;
        }
        if (session.at < session.operations.size()) {
            write(node, session, session.operations.get(session.at++));
        } else {
            commit(node, session);
        }
        return true;
    }

    private void write(SimNode node, SimSession session, Operation operation) {
        if (operation.kind() == Operation.Kind.TRUNCATE) {
            node.locks.put(SimNode.TABLE, session);
            session.truncated = true;
            session.written.replaceAll((k, row) -> new SimNode.SimRow(null, row.version(), false));
            return;
        }
        Key key = operation.requireKey();
        int k = SimTable.keyOf(key);
        boolean exists = exists(node, session, k);
        if (!exists && operation.kind() != Operation.Kind.UPSERT) {
            missed(session, operation, k);
            return;
        }
        SimNode.SimRow there = session.written.containsKey(k) ? session.written.get(k) : node.rows.get(k);
        boolean ours = session.written.containsKey(k);
        if (operation.isGuarded() && exists && there != null && !ours && (there.local() || chance(.1))) {
            skips++;
            if (operation.kind() == Operation.Kind.UPSERT) {
                node.locks.put(k, session);
            }
            return;
        }
        node.locks.put(k, session);
        session.wrote.add(key);
        session.missed.remove(key);
        Map<String, String> carried = SimTable.columns(operation.requireRow());
        if (operation.kind() == Operation.Kind.DELETE) {
            session.written.put(k, new SimNode.SimRow(null, String.valueOf(carried.get("a")), false));
        } else {
            Map<String, String> columns = new HashMap<>();
            if (operation.kind() == Operation.Kind.UPDATE && there != null && there.columns() != null) {
                columns.putAll(there.columns());
            }
            columns.putAll(carried);
            session.written.put(k, new SimNode.SimRow(columns, String.valueOf(columns.get("a")), false));
        }
    }

    private static void missed(SimSession session, Operation operation, int k) {
        if (!session.wrote.contains(operation.requireKey())) {
            session.missed.add(operation.requireKey());
        }
        if (operation.kind() == Operation.Kind.DELETE) {
            session.missedVersions.put(
                    k, String.valueOf(SimTable.columns(operation.requireRow()).get("a")));
        }
    }

    /** Deletes that met no row leave a trace where there is still none. */
    private void traceMissed(SimNode node, SimSession session) {
        session.missedVersions.forEach((k, version) -> {
            missedDeletes.add(version);
            SimNode.SimRow there = node.rows.get(k);
            if (!session.written.containsKey(k) && (there == null || !there.exists())) {
                String trace = "m" + ++counter;
                parents.put(trace, there == null ? List.of(version) : List.of(there.version(), version));
                session.written.put(k, new SimNode.SimRow(null, trace, false));
            }
        });
    }

    private void commit(SimNode node, SimSession session) {
        Positions old = node.progress.held();
        if (!session.batch.held().join(old).equals(session.batch.held())) {
            boolean back = false;
            for (int j = 0; j < sources; j++) {
                back |= j != node.index && session.batch.held().get(j) < old.get(j);
            }
            if (back) {
                throw new SimViolation(
                        "PROGRESS goes back at n" + node.index + ": " + session.batch.held() + " after " + old);
            }
        }
        traceMissed(node, session);
        Positions held = old.join(session.batch.held());
        long commit = node.lsn + 1;
        Mark mark = new Mark(
                commit,
                commit + 1,
                session.fence,
                session.batch.number(),
                held,
                session.batch.highest(),
                hashes(session.wrote),
                hashes(session.missed),
                session.truncated ? List.of(SimTable.TABLE.name()) : List.of(),
                true,
                (int) commit);
        SimNode.Progress progress =
                new SimNode.Progress(held, session.fence, session.batch.number(), copies(node, session));
        SimNode.Entry entry = new SimNode.Entry(
                commit,
                mark,
                new HashMap<>(session.written),
                session.truncated,
                progress,
                node.held,
                session.batch.conflicts());
        SimNode.apply(node.rows, entry);
        node.append(entry);
        node.progress = progress;
        node.held = node.held.join(held);
        checkCausal(node, held);
        note("n" + node.index + " applied " + commit + " batch " + session.fence + "." + session.batch.number()
                + (session.truncated ? " TRUNCATE" : "") + " " + session.written + " missed " + session.missed + " V "
                + held + (session.late ? " LATE" : ""));
        if (chance(.5)) {
            node.flush();
        }
        end(node, session, SimProcess.Outcome.COMMITTED);
    }

    private static List<SourceState> copies(SimNode node, SimSession session) {
        List<SourceState> fresh = session.batch.states();
        if (fresh.isEmpty()) {
            return node.progress.copies();
        }
        List<SourceState> joined = new ArrayList<>();
        for (int i = 0; i < fresh.size(); i++) {
            SourceState old = node.progress.copies().get(i);
            SourceState larger = fresh.get(i).position() > old.position() ? fresh.get(i) : old;
            joined.add(new SourceState(
                    larger.position(),
                    larger.highest(),
                    larger.held(),
                    old.done().join(fresh.get(i).done())));
        }
        return joined;
    }

    private static long[] hashes(Set<Key> keys) {
        return keys.stream().mapToLong(Key::hash).toArray();
    }

    /** A node that holds a transaction holds what that transaction had seen. */
    private void checkCausal(SimNode node, Positions held) {
        for (SimNode source : nodes.subList(0, sources)) {
            for (int i = source.log.size() - 1; i >= 0 && source != node; i--) {
                SimNode.Entry entry = source.log.get(i);
                if (entry.transaction() == null || !held.covers(source.index, entry.lsn())) {
                    continue;
                }
                for (SimNode other : nodes.subList(0, sources)) {
                    if (other != source && other != node && lacks(other, held, entry.heldBefore())) {
                        throw new SimViolation("G3: n" + node.index + " holds n" + source.index + ":" + entry.lsn()
                                + " without what it saw of n" + other.index);
                    }
                }
                break;
            }
        }
    }

    private static boolean lacks(SimNode other, Positions held, Positions seen) {
        for (SimNode.Entry entry : other.log) {
            if (entry.transaction() != null
                    && seen.covers(other.index, entry.lsn())
                    && !held.covers(other.index, entry.lsn())) {
                return true;
            }
        }
        return false;
    }

    private void end(SimNode node, SimSession session, SimProcess.Outcome outcome) {
        node.release(session);
        node.sessions.remove(session);
        if (!session.late && process != null) {
            process.ended(node.index, session, outcome);
        }
    }

    /** Makes the session that writes a batch: operations of a chunk come in any order. */
    void open(SimNode node, dev.replicator.model.Batch batch, long fence) {
        List<Operation> operations = new ArrayList<>();
        boolean truncates = false;
        for (Chunk chunk : batch.chunks()) {
            for (var table : chunk.truncated()) {
                operations.add(Operation.truncate(table));
                truncates = true;
            }
            List<Operation> shuffled = new ArrayList<>(chunk.merged());
            java.util.Collections.shuffle(shuffled, random);
            operations.addAll(shuffled);
        }
        node.sessions.add(new SimSession(batch, fence, operations, truncates));
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
                    progress |= stepLocal(node, t);
                }
            }
            for (SimSession session : List.copyOf(node.sessions)) {
                if (node.sessions.contains(session)) {
                    progress |= stepSession(node, session);
                }
            }
            if (node.flushed < node.log.size()) {
                node.flush();
                progress = true;
            }
        }
        SimProcess current = process;
        for (SimNode node : nodes) {
            progress |= current != null && current.tick(node.index);
        }
        return progress;
    }
}
