package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;

/**
 * Measures two masters that have both been written to, one update in twenty on rows that the other has changed too, until
 * both have everything. PostgreSQL's own replication lets such rows differ; ours must be equal.
 */
final class BothWays {
    static final String[] DDL = {
        "CREATE TABLE accounts (aid int PRIMARY KEY, abalance int, filler char(84))",
        "INSERT INTO accounts SELECT g, 0, '' FROM generate_series(1, 100000) g"
    };

    private static final int ACCOUNTS = 100_000;
    private static final int COMMON = ACCOUNTS / 20;

    private final Cluster one;
    private final Cluster other;
    private final String database;
    private final Results results;

    BothWays(Cluster one, Cluster other, String database, Results results) {
        this.one = one;
        this.other = other;
        this.database = database;
        this.results = results;
    }

    void measure(Contender contender, int transactions, int repetition) {
        contender.prepare();
        write(one, transactions, COMMON, ACCOUNTS / 2, 1);
        write(other, transactions, ACCOUNTS / 2, ACCOUNTS, 2);
        one.run(database, "INSERT INTO " + Backlog.END + " VALUES (1)");
        other.run(database, "INSERT INTO " + Backlog.END + " VALUES (2)");
        Meter meter = new Meter(one, other, contender);
        contender.go();
        long begun = System.nanoTime();
        awaitRow(other, 1);
        awaitRow(one, 2);
        if (contender instanceof Product) {
            Waiting.until(this::areEqual, "both masters are equal");
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        results.add(new Run(
                "g: two masters, 5% on the same rows",
                contender.name(),
                repetition,
                "transactions/s",
                2 * transactions / seconds,
                true,
                meter.source(),
                meter.process(),
                meter.target(),
                contender.peakMemoryBytes(),
                Map.of("seconds", seconds)));
        contender.halt();
        contender.close();
    }

    private boolean areEqual() {
        String sql = "SELECT sum(hashtextextended(t::text, 0)) FROM accounts t";
        return String.valueOf(one.ask(database, sql)).equals(other.ask(database, sql));
    }

    private void awaitRow(Cluster cluster, int number) {
        try (Connection connection = cluster.connect(database);
                PreparedStatement ask =
                        connection.prepareStatement("SELECT 1 FROM " + Backlog.END + " WHERE n = " + number)) {
            Waiting.until(() -> Backlogs.any(ask), "both have everything");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One in twenty among the common rows, which are the first ones. */
    private void write(Cluster cluster, int transactions, int from, int to, int by) {
        cluster.run(
                database,
                "SET synchronous_commit = off",
                "DO $$ DECLARE a int; BEGIN FOR g IN 1.." + transactions
                        + " LOOP a := CASE WHEN g % 20 = 0 THEN 1 + floor(random() * " + COMMON + ")::int ELSE "
                        + (from + 1) + " + floor(random() * " + (to - from) + ")::int END;"
                        // In the condition itself, random() would be another one for each row, without an index.
                        + " UPDATE accounts SET abalance = abalance + " + by + " WHERE aid = a;"
                        + " COMMIT; END LOOP; END $$");
    }
}
