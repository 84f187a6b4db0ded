package dev.replicator.it.bench;

import java.util.List;

/** The workloads by their letters, each in databases of its own. */
final class Workloads {
    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;
    private final Contenders contenders;
    private final Product.Launch launch;
    private final int repetitions;
    private final int share;

    Workloads(
            Cluster source,
            Cluster target,
            String database,
            Results results,
            Product.Launch launch,
            int repetitions,
            int share) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.results = results;
        this.contenders = new Contenders(source, target, launch);
        this.launch = launch;
        this.repetitions = repetitions;
        this.share = share;
    }

    void measure(char letter) {
        switch (letter) {
            case 'a' -> backlog(Backlog.inserts(200_000 / share), false);
            case 'b' -> backlog(Backlog.oneTransaction("b", 1_000_000 / share), true);
            case 'c' -> backlog(Backlog.updates(150_000 / share), false);
            case 'd' -> {
                latency(200, 10);
                latency(2000, 10);
            }
            case 'f' -> backlog(Backlog.largeRows(100_000 / share), false);
            default -> throw new IllegalArgumentException("there is no workload " + letter);
        }
    }

    private void backlog(Backlog backlog, boolean withWorkMem) {
        create(backlog.ddl().toArray(String[]::new), backlog.ddl().toArray(String[]::new));
        for (Cluster cluster : List.of(source, target)) {
            backlog.start().forEach(sql -> cluster.run(database, sql));
        }
        backlog.remember().forEach(sql -> target.run(database, sql));
        new Backlogs(source, target, database, results)
                .measure(backlog, contenders.oneWay(database, backlog.allTables(), withWorkMem), repetitions);
        drop();
    }

    private void latency(int rate, int seconds) {
        create(Latency.SOURCE_DDL, Latency.TARGET_DDL);
        new Latency(source, target, database, results)
                .measure(contenders.oneWay(database, List.of("probe"), false), rate, seconds, repetitions);
        drop();
    }

    private void create(String[] sourceDdl, String[] targetDdl) {
        String end = "CREATE TABLE " + Backlog.END + " (n int PRIMARY KEY)";
        source.create(database, sourceDdl);
        source.run(database, end);
        target.create(database, targetDdl);
        target.run(database, end);
    }

    private void drop() {
        target.drop(database);
        source.drop(database);
    }
}
