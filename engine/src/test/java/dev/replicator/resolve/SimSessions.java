package dev.replicator.resolve;

import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Our own sessions: each writes one batch, statement by statement, and its mark. */
final class SimSessions {
    private final Simulation world;

    SimSessions(Simulation world) {
        this.world = world;
    }

    /** Waits; a deadlock picks a victim. */
    boolean blocked(SimNode node, Object me) {
        List<Object> chain = new ArrayList<>(List.of(me));
        Object next = SimLocks.wants(node, me);
        while (next != null && !chain.contains(next)) {
            chain.add(next);
            next = SimLocks.wants(node, next);
        }
        if (next != me) {
            return false;
        }
        Object victim = chain.get(world.random.nextInt(chain.size()));
        node.release(victim);
        if (victim instanceof SimNode.SimTransaction t) {
            node.local.remove(t);
        } else {
            end(node, (SimSession) victim, SimProcess.Outcome.ROLLED_BACK);
        }
        return true;
    }

    /** Takes a session's next step; false: it waits for a lock. */
    boolean step(SimNode node, SimSession session) {
        if (SimLocks.wants(node, session) != null) {
            return blocked(node, session);
        }
        if (!session.locked) {
            if (session.fence != node.fence) {
                world.note("session of batch " + session.batch.number() + " fenced at n" + node.index);
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
        boolean exists = SimLocks.exists(node, session, k);
        if (!exists && operation.kind() != Operation.Kind.UPSERT) {
            missed(session, operation, k);
            return;
        }
        SimNode.SimRow there = session.written.containsKey(k) ? session.written.get(k) : node.rows.get(k);
        boolean ours = session.written.containsKey(k);
        if (operation.isGuarded() && exists && there != null && !ours && (there.local() || world.chance(.1))) {
            world.skips++;
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
            columns.computeIfPresent(
                    SimTable.COUNTER,
                    (c, value) -> new BigInteger(value)
                            .add(SimTable.added(operation.requireRow()))
                            .toString());
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
            world.missedDeletes.add(version);
            SimNode.SimRow there = node.rows.get(k);
            if (!session.written.containsKey(k) && (there == null || !there.exists())) {
                String trace = "m" + world.next();
                world.parents.put(trace, there == null ? List.of(version) : List.of(there.version(), version));
                session.written.put(k, new SimNode.SimRow(null, trace, false));
            }
        });
    }

    private void commit(SimNode node, SimSession session) {
        Positions old = node.progress.held();
        if (!session.batch.held().join(old).equals(session.batch.held())) {
            boolean back = false;
            for (int j = 0; j < world.sources; j++) {
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
        world.note("n" + node.index + " applied " + commit + " batch " + session.fence + "." + session.batch.number()
                + (session.truncated ? " TRUNCATE" : "") + " " + session.written + " missed " + session.missed + " V "
                + held + (session.late ? " LATE" : ""));
        if (world.chance(.5)) {
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
                    larger.lastMark(),
                    old.done().join(fresh.get(i).done())));
        }
        return joined;
    }

    private static long[] hashes(Set<Key> keys) {
        return keys.stream().mapToLong(Key::hash).toArray();
    }

    /** A node that holds a transaction holds what that transaction had seen. */
    private void checkCausal(SimNode node, Positions held) {
        for (SimNode source : world.nodes.subList(0, world.sources)) {
            for (int i = source.log.size() - 1; i >= 0 && source != node; i--) {
                SimNode.Entry entry = source.log.get(i);
                if (entry.transaction() == null || !held.covers(source.index, entry.lsn())) {
                    continue;
                }
                for (SimNode other : world.nodes.subList(0, world.sources)) {
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
        if (!session.late && world.process != null) {
            world.process.ended(node.index, session, outcome);
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
            java.util.Collections.shuffle(shuffled, world.random);
            operations.addAll(shuffled);
        }
        node.sessions.add(new SimSession(batch, fence, operations, truncates));
    }
}
