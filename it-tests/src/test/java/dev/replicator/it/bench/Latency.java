package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures the time from a statement that writes to the moment just before the commit at the target that brings its row.
 *
 * <p>A deferred constraint trigger stamps it there, enabled for replication too: a row trigger would stamp the rows of a
 * batch before the batch is written. The clock begins with the first second after a start.
 */
final class Latency {
    static final String[] SOURCE_DDL = {"CREATE TABLE probe (id bigint PRIMARY KEY, sent timestamptz)"};
    static final String[] TARGET_DDL = {
        SOURCE_DDL[0],
        "CREATE UNLOGGED TABLE arrival (id bigint, at timestamptz)",
        "CREATE FUNCTION arrive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO public.arrival VALUES (new.id, clock_timestamp()); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER arrives AFTER INSERT ON probe DEFERRABLE INITIALLY DEFERRED"
                + " FOR EACH ROW EXECUTE FUNCTION arrive()",
        "ALTER TABLE probe ENABLE ALWAYS TRIGGER arrives"
    };

    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;

    Latency(Cluster source, Cluster target, String database, Results results) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.results = results;
    }

    void measure(Contender contender, int rate, int seconds, int repetition) {
        contender.prepare();
        if (contender instanceof Product product) {
            product.end();
        }
        contender.go();
        results.add(run(contender, rate, seconds, repetition));
        contender.halt();
        contender.close();
    }

    private Run run(Contender contender, int rate, int seconds, int repetition) {
        long last = Long.parseLong(String.valueOf(source.ask(database, "SELECT coalesce(max(id), 0) FROM probe")));
        Meter meter = new Meter(source, target, contender);
        long count = (long) rate * seconds;
        write(last, count, rate);
        String arrived = "SELECT count(*) FROM arrival WHERE id > " + last;
        Waiting.until(() -> Long.toString(count).equals(target.ask(database, arrived)), "all probes have arrived");
        Map<String, Double> details = new LinkedHashMap<>();
        for (String quantile : List.of("0.5", "0.95", "0.99", "1")) {
            details.put(
                    quantile.equals("1")
                            ? "max ms"
                            : "p" + quantile.substring(2).concat("0").substring(0, 2) + " ms",
                    milliseconds(quantile, last, 0));
        }
        details.put("p99 ms of the first second", milliseconds("0.99", last, rate));
        return new Run(
                "d: latency at " + rate + " transactions/s",
                contender.name(),
                repetition,
                "p50 ms",
                details.get("p50 ms"),
                false,
                meter.source(),
                meter.process(),
                meter.target(),
                contender.peakMemoryBytes(),
                details);
    }

    private void write(long last, long count, int rate) {
        try (Connection connection = source.connect(database);
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO probe VALUES (?, clock_timestamp())")) {
            long begun = System.nanoTime();
            for (long i = 1; i <= count; i++) {
                insert.setLong(1, last + i);
                insert.executeUpdate();
                long due = begun + i * 1_000_000_000L / rate;
                while (due - System.nanoTime() > 0) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A quantile of those behind {@code last}; of the first {@code limit} if that is not 0. */
    private double milliseconds(String quantile, long last, int limit) {
        return Double.parseDouble(String.valueOf(target.ask(
                database,
                "SELECT percentile_disc(" + quantile + ") WITHIN GROUP (ORDER BY extract(epoch FROM a.at - p.sent))"
                        + " * 1000 FROM probe p JOIN arrival a USING (id) WHERE id > " + last
                        + (limit == 0 ? "" : " AND id <= " + (last + limit)))));
    }
}
