package dev.replicator.it.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The workloads by their letters, each in databases of its own. */
final class Workloads {
    private final Cluster source;
    private final Cluster target;
    private final String database;
    private final Results results;
    private final Contenders contenders;
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
            case 'e' -> overhead();
            case 'g' -> bothWays();
            case 'h' -> highestRate();
            case 'i' -> backlog(Backlog.oneTransaction("i", 10_000_000 / share), true, 1);
            default -> throw new IllegalArgumentException("there is no workload " + letter);
        }
    }

    private void backlog(Backlog backlog, boolean withWorkMem) {
        backlog(backlog, withWorkMem, repetitions);
    }

    private void backlog(Backlog backlog, boolean withWorkMem, int times) {
        create(backlog.ddl().toArray(String[]::new), backlog.ddl().toArray(String[]::new));
        for (Cluster cluster : List.of(source, target)) {
            backlog.start().forEach(sql -> cluster.run(database, sql));
        }
        backlog.remember().forEach(sql -> target.run(database, sql));
        new Backlogs(source, target, database, results)
                .measure(backlog, made(contenders.oneWay(database, backlog.allTables(), withWorkMem)), times);
        drop();
    }

    private void latency(int rate, int seconds) {
        for (int repetition = 1; repetition <= repetitions; repetition++) {
            for (Supplier<Contender> contender : contenders.oneWay(database, List.of("probe"), false)) {
                create(Latency.SOURCE_DDL, Latency.TARGET_DDL);
                new Latency(source, target, database, results).measure(contender.get(), rate, seconds, repetition);
                drop();
            }
        }
    }

    private static List<Contender> made(List<Supplier<Contender>> suppliers) {
        return suppliers.stream().map(Supplier::get).toList();
    }

    /** What a contender has written there is in the way of the next one: each has databases of its own. */
    private void overhead() {
        Backlog tables = Backlog.updates(1);
        List<Supplier<Contender>> all = new ArrayList<>(contenders.oneWay(database, tables.tables(), false));
        all.add(Nothing::new);
        for (int repetition = 1; repetition <= repetitions; repetition++) {
            for (Supplier<Contender> contender : all) {
                create(tables.ddl().toArray(String[]::new), tables.ddl().toArray(String[]::new));
                for (Cluster cluster : List.of(source, target)) {
                    tables.start().forEach(sql -> cluster.run(database, sql));
                }
                new Overhead(source, target, database, results).measure(contender.get(), tables.tables(), repetition);
                drop();
            }
        }
    }

    private void bothWays() {
        List<String> tables = List.of("accounts", Backlog.END);
        for (int repetition = 1; repetition <= repetitions; repetition++) {
            for (Supplier<Contender> contender : contenders.bothWays(database, tables)) {
                create(BothWays.DDL, BothWays.DDL);
                new BothWays(source, target, database, results).measure(contender.get(), 100_000 / share, repetition);
                drop();
            }
        }
    }

    private void highestRate() {
        List<String> tables = List.of("item", Backlog.END);
        for (int repetition = 1; repetition <= repetitions; repetition++) {
            for (Supplier<Contender> contender : contenders.oneWay(database, tables, false)) {
                create(new String[] {HighestRate.DDL, HighestRate.PROCEDURE}, new String[] {HighestRate.DDL});
                new HighestRate(source, target, database, results).measure(contender.get(), repetition);
                drop();
            }
        }
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
