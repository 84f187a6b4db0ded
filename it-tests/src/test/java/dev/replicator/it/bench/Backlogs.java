package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures how fast what waits at the source arrives. The same log is read by one contender after the other, in turn
 * first; before each the target is put back, after each it is compared.
 */
final class Backlogs {
    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;

    Backlogs(Cluster source, Cluster target, String database, Results results) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.results = results;
    }

    void measure(Backlog backlog, List<Contender> contenders, int repetitions) {
        for (Contender contender : contenders) {
            contender.prepare();
        }
        for (int repetition = 1; repetition <= repetitions; repetition++) {
            source.run(
                    database, "SET synchronous_commit = off; " + backlog.load().get(0));
            for (String sql : backlog.load().subList(1, backlog.load().size())) {
                source.run(database, "SET synchronous_commit = off", sql);
            }
            source.run(database, "INSERT INTO " + Backlog.END + " VALUES (" + repetition + ")");
            // A checkpoint lists the running transactions, from where a slot can start afresh once it has passed them.
            source.run(database, "CHECKPOINT");
            String end = String.valueOf(source.ask(database, "SELECT pg_current_wal_lsn()"));
            List<Contender> order = new ArrayList<>(contenders);
            java.util.Collections.rotate(order, repetition);
            for (Contender contender : order) {
                results.add(run(backlog, contender, repetition, end));
            }
            remember(backlog);
        }
        contenders.forEach(Contender::close);
    }

    private Run run(Backlog backlog, Contender contender, int repetition, String end) {
        backlog.restore().forEach(sql -> target.run(database, sql));
        target.run(database, "DELETE FROM " + Backlog.END + " WHERE n = " + repetition, "CHECKPOINT");
        Meter meter;
        double seconds;
        try (Connection connection = target.connect(database);
                PreparedStatement ask =
                        connection.prepareStatement("SELECT 1 FROM " + Backlog.END + " WHERE n = " + repetition)) {
            meter = new Meter(source, target, contender);
            contender.go();
            long begun = System.nanoTime();
            Waiting.until(() -> any(ask), contender.name() + " has written everything");
            seconds = (System.nanoTime() - begun) / 1e9;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        double sourceCpu = meter.source();
        double processCpu = meter.process();
        double targetCpu = meter.target();
        contender.settle(end);
        contender.halt();
        Equality.check(source, target, database, backlog.allTables(), contender.name());
        return new Run(
                backlog.name(),
                contender.name(),
                repetition,
                backlog.unit() + "/s",
                backlog.count() / seconds,
                true,
                sourceCpu,
                processCpu,
                targetCpu,
                contender.peakMemoryBytes(),
                Map.of("seconds", seconds));
    }

    private void remember(Backlog backlog) {
        backlog.remember().forEach(sql -> target.run(database, sql));
    }

    static boolean any(PreparedStatement ask) {
        try (ResultSet row = ask.executeQuery()) {
            return row.next();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
