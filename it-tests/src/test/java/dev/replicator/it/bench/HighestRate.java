package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Looks for the highest rate of single-row transactions at which the target stays less than two seconds behind. */
final class HighestRate {
    static final String DDL = "CREATE TABLE item (id bigint PRIMARY KEY, a int, b text)";

    private static final double LAG_SECONDS = 2;
    private static final int SECONDS = 8;
    private static final int FIRST = 10_000;
    private static final int STEP = 10_000;
    private static final int MOST = 200_000;
    private static final int SLICES_PER_SECOND = 20;

    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;
    private long next = 1;
    private int ends;

    HighestRate(Cluster source, Cluster target, String database, Results results) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.results = results;
    }

    void measure(Contender contender, int repetition) {
        contender.prepare();
        contender.go();
        Meter meter = new Meter(source, target, contender);
        int highest = 0;
        for (int rate = FIRST; rate <= MOST && isKeptUpWith(rate); rate += STEP) {
            highest = rate;
        }
        results.add(new Run(
                "h: rate at which lag stays below 2 s",
                contender.name(),
                repetition,
                "transactions/s",
                highest,
                true,
                meter.source(),
                meter.process(),
                meter.target(),
                contender.peakMemoryBytes(),
                Map.of()));
        contender.halt();
        contender.close();
    }

    /** Whether writers reach the rate and what they write last is there in time. */
    private boolean isKeptUpWith(int rate) {
        int end = ++ends;
        AtomicBoolean reached = new AtomicBoolean();
        write(rate, reached);
        source.run(database, "INSERT INTO " + Backlog.END + " VALUES (" + end + ")");
        long begun = System.nanoTime();
        Waiting.until(
                () -> target.ask(database, "SELECT 1 FROM " + Backlog.END + " WHERE n = " + end) != null,
                "the last row has arrived");
        return reached.get() && (System.nanoTime() - begun) / 1e9 < LAG_SECONDS;
    }

    private void write(int rate, AtomicBoolean reached) {
        int slice = rate / SLICES_PER_SECOND;
        try (Connection connection = source.connect(database);
                PreparedStatement call = connection.prepareStatement("CALL bench_insert(?, ?)")) {
            connection.createStatement().execute("SET synchronous_commit = off");
            long begun = System.nanoTime();
            for (int i = 1; i <= SECONDS * SLICES_PER_SECOND; i++) {
                call.setLong(1, next);
                call.setInt(2, slice);
                call.execute();
                next += slice;
                long due = begun + i * 1_000_000_000L / SLICES_PER_SECOND;
                while (due - System.nanoTime() > 0) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
            }
            reached.set((System.nanoTime() - begun) / 1e9 < SECONDS * 1.05);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static final String PROCEDURE =
            "CREATE PROCEDURE bench_insert(first bigint, count int) LANGUAGE plpgsql AS $$ BEGIN"
                    + " FOR g IN 0..count - 1 LOOP INSERT INTO item VALUES (first + g, g, 'a row of some fifty bytes in all');"
                    + " COMMIT; END LOOP; END $$";
}
