package dev.replicator.it.bench;

import java.util.List;
import java.util.Map;

/** Measures what a replication leaves to those who write to the source: their rate with and without it. */
final class Overhead {
    private static final int CLIENTS = 2;
    private static final int SECONDS = 10;

    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;

    Overhead(Cluster source, Cluster target, String database, Results results) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.results = results;
    }

    void measure(Contender contender, List<String> tables, int repetition) {
        contender.prepare();
        contender.go();
        Meter meter = new Meter(source, target, contender);
        double rate = new Writers(source, database).rate(CLIENTS, SECONDS);
        results.add(new Run(
                "e: rate of writers at the source",
                contender.name(),
                repetition,
                "transactions/s",
                rate,
                true,
                meter.source(),
                meter.process(),
                meter.target(),
                contender.peakMemoryBytes(),
                Map.of()));
        if (!(contender instanceof Nothing)) {
            contender.settle(String.valueOf(source.ask(database, "SELECT pg_current_wal_lsn()")));
            Equality.check(source, target, database, tables, contender.name());
        }
        contender.halt();
        contender.close();
    }
}
