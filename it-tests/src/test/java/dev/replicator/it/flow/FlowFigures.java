package dev.replicator.it.flow;

import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Figures of the whole flow on this machine: latency of an idle sync from commit to visible, and rows a second of a
 * backlog. Not a test: run its main method.
 */
final class FlowFigures {
    private FlowFigures() {}

    public static void main(String[] args) throws Exception {
        boolean binary = args.length > 0 && args[0].equals("binary");
        for (int masters = 1; masters <= 2; masters++) {
            next = 1;
            try (Masters sync = new Masters("figures")) {
                sync.start(
                        18,
                        masters,
                        2 - masters,
                        "CREATE TABLE item (id bigint PRIMARY KEY, a int, b text, c timestamptz, d numeric)");
                ReplicationSettings defaults = ReplicationSettings.defaults();
                Replication replication = sync.replicate(binary ? defaults.withBinary() : defaults);
                replication.kick().get(60, TimeUnit.SECONDS);
                System.out.println("--- " + masters + " source(s), binary " + binary);
                latency(sync, 3000);
                latency(sync, 3000);
                backlog(sync, replication, "one transaction", 300_000, 300_000);
                backlog(sync, replication, "transactions of 100", 300_000, 100);
                backlog(sync, replication, "transactions of 1", 100_000, 1);
                update(sync, replication);
            }
        }
    }

    private static void latency(Masters sync, int rounds) throws Exception {
        long[] nanos = new long[rounds];
        try (Connection there = sync.open(0);
                Connection here = sync.open(1);
                PreparedStatement insert = there.prepareStatement(
                        "INSERT INTO item VALUES (?, 1, 'x', now(), 1.5) ON CONFLICT (id) DO UPDATE SET a = ?");
                PreparedStatement select = here.prepareStatement("SELECT a FROM item WHERE id = ?")) {
            for (int i = 0; i < rounds; i++) {
                int value = (int) System.nanoTime();
                insert.setLong(1, -1 - i % 50);
                insert.setInt(2, value);
                insert.executeUpdate();
                boolean first = i < 50;
                long begun = System.nanoTime();
                while (!seen(select, -1 - i % 50, value, first)) {
                    Thread.onSpinWait();
                }
                nanos[i] = System.nanoTime() - begun;
                LockSupport.parkNanos(2_000_000);
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "latency us: p50 %d p90 %d p99 %d max %d%n",
                nanos[rounds / 2] / 1000,
                nanos[rounds * 9 / 10] / 1000,
                nanos[rounds * 99 / 100] / 1000,
                nanos[rounds - 1] / 1000);
    }

    private static boolean seen(PreparedStatement select, long id, int value, boolean any) throws Exception {
        select.setLong(1, id);
        try (ResultSet row = select.executeQuery()) {
            return row.next() && (row.getInt(1) == value || any);
        }
    }

    private static long next = 1;

    private static void backlog(Masters sync, Replication replication, String what, int rows, int each)
            throws Exception {
        replication.pause();
        try (Connection there = sync.open(0);
                Statement statement = there.createStatement()) {
            statement.execute("SET synchronous_commit = off");
            statement.execute("DO $$ BEGIN FOR i IN 0.." + (rows / each - 1) + " LOOP INSERT INTO item SELECT " + next
                    + " + i * " + each + " + g, g, 'some text of thirty characters', now(), g * 1.25"
                    + " FROM generate_series(0, " + (each - 1) + ") g; COMMIT; END LOOP; END $$");
        }
        next += rows;
        drain(replication, what, rows);
    }

    private static void update(Masters sync, Replication replication) throws Exception {
        replication.pause();
        sync.run(0, "UPDATE item SET a = a + 1 WHERE id BETWEEN 1 AND 100000");
        drain(replication, "updates in one transaction", 100_000);
    }

    private static void drain(Replication replication, String what, int rows) throws Exception {
        long begun = System.nanoTime();
        replication.resume();
        replication.waitForNow().get(300, TimeUnit.SECONDS);
        long took = System.nanoTime() - begun;
        System.out.printf(
                "%s: %d rows in %d ms, %d rows/s%n", what, rows, took / 1_000_000, rows * 1_000_000_000L / took);
    }
}
