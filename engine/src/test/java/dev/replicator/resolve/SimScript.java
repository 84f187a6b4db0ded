package dev.replicator.resolve;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** A history that is written down step by step: what no drawn one finds within a reasonable number of seeds. */
final class SimScript {
    final Simulation world;

    /** All servers' clocks are right, no key has a row, and nobody but the script acts. */
    SimScript(SimSettings settings) {
        BitSet none = new BitSet();
        none.set(Integer.MAX_VALUE / 64);
        world = new Simulation(1, settings, none, true);
        for (SimNode node : world.nodes) {
            node.skewMicros = 0;
            node.driftMicros = 0;
            node.rows.clear();
            node.flushedRows.clear();
        }
        world.initial.clear();
    }

    private SimProcess process() {
        return Objects.requireNonNull(world.process);
    }

    /** A local transaction of one statement: insert, update or delete. */
    SimScript commit(int node, String kind, int key) {
        world.now += 10;
        SimNode.SimTransaction transaction = new SimNode.SimTransaction();
        transaction.operations.add(new SimNode.SimOperation(kind, key, 0));
        SimNode at = world.nodes.get(node);
        at.local.add(transaction);
        while (at.local.contains(transaction)) {
            if (!world.locals.step(at, transaction)) {
                throw new IllegalStateException("the statement waits");
            }
        }
        return this;
    }

    SimScript start() {
        world.start();
        boolean more = true;
        while (more) {
            more = process().rule();
        }
        return this;
    }

    SimScript kill() {
        world.killProcess();
        for (SimNode node : world.nodes) {
            List.copyOf(node.sessions).forEach(node.sessions::remove);
        }
        return this;
    }

    /** Reads what these logs have, to the end. */
    SimScript read(int... sources) {
        for (int source : sources) {
            while (process().read(source)) {
                world.now++;
            }
        }
        return this;
    }

    /** Writes everything that waits for these nodes, durably. */
    SimScript write(int... nodes) {
        for (int node : nodes) {
            SimNode at = world.nodes.get(node);
            while (process().begin(node, 50)) {
                SimSession session = at.sessions.get(at.sessions.size() - 1);
                while (at.sessions.contains(session)) {
                    world.sessions.step(at, session);
                }
                at.flush();
                process().handle();
            }
        }
        return this;
    }

    /** Lets these nodes join; what that brings them is not written. */
    SimScript joinOnly(int... nodes) {
        for (int node : nodes) {
            process().resolver.nextBatch(node, 50);
        }
        return this;
    }

    /** Writes and reads until nothing is left to do. */
    SimScript settle() {
        for (int round = 0; round < 10; round++) {
            for (int node = 0; node < world.nodes.size(); node++) {
                write(node);
                if (node < world.sources) {
                    read(node);
                } else {
                    process().read(node);
                }
            }
        }
        return this;
    }

    /** Stores the states that are due on these sources, and on no other. */
    SimScript store(int... sources) {
        process().store(source -> List.of(box(sources)).contains(source));
        return this;
    }

    private static Integer[] box(int... values) {
        Integer[] boxed = new Integer[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    /** Other databases of the server fill its log. */
    SimScript otherLog(int node) {
        world.nodes.get(node).lsn += Simulation.OTHER_LOG;
        world.nodes.get(node).flush();
        return this;
    }

    /** Heals everything and checks the end. Throws {@link SimViolation}. */
    void end() {
        world.end();
    }
}
