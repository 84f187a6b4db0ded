package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/** Clients that write to a source as pgbench's simple update does, without pause. */
final class Writers {
    private static final int ACCOUNTS = 100_000;

    private final Cluster source;
    private final String database;

    Writers(Cluster source, String database) {
        this.source = source;
        this.database = database;
    }

    /** Transactions a second of so many clients in so many seconds. */
    double rate(int clients, int seconds) {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long until = System.nanoTime() + seconds * 1_000_000_000L;
            List<Future<Long>> counts = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                counts.add(threads.submit(() -> write(until)));
            }
            long sum = 0;
            for (Future<Long> count : counts) {
                sum += count.get();
            }
            return (double) sum / seconds;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private long write(long until) throws SQLException {
        long count = 0;
        try (Connection connection = source.connect(database);
                PreparedStatement update =
                        connection.prepareStatement("UPDATE accounts SET abalance = abalance + ? WHERE aid = ?");
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO history VALUES (nextval('hids'), 1, 1, ?, ?, now(), NULL)")) {
            connection.setAutoCommit(false);
            for (; System.nanoTime() < until; count++) {
                int account = 1 + ThreadLocalRandom.current().nextInt(ACCOUNTS);
                update.setInt(1, 7);
                update.setInt(2, account);
                update.executeUpdate();
                insert.setInt(1, account);
                insert.setInt(2, 7);
                insert.executeUpdate();
                connection.commit();
            }
        }
        return count;
    }
}
