package dev.replicator.it.harness;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes at random into few hot keys of one table in several databases: inserts, updates, deletes, key changes, upserts, in
 * transactions of one to eight statements, some rolled back. What each thread writes follows from the seed. What a server
 * refuses (deadlocks, duplicates, a server that is away) is passed over; a loss of connection is followed by a new one.
 */
public final class RandomWriter implements AutoCloseable {
    /** The table. */
    public static final String TABLE =
            "CREATE TABLE hot (id int PRIMARY KEY, a int, b text, c text DEFAULT repeat('x', 10))";

    private static final int KEYS = 25;
    private static final int LONGEST = 8;
    private static final int RECONNECT_MILLIS = 100;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger committed = new AtomicInteger();
    private volatile boolean stopped;

    private final Statements statements;

    /** Draws the next statement for a database. Any thread. */
    public interface Statements {
        String draw(Random random, String database);
    }

    /** Starts writing: {@code perDatabase} threads each. */
    public RandomWriter(Fixture fixture, List<String> databases, int perDatabase, long seed) {
        this(fixture, databases, perDatabase, seed, RandomWriter::sql);
    }

    /** The same with other statements, on a table of one's own. */
    public RandomWriter(Fixture fixture, List<String> databases, int perDatabase, long seed, Statements statements) {
        this.statements = statements;
        for (String database : databases) {
            for (int i = 0; i < perDatabase; i++) {
                Random random = new Random(seed * 31 + threads.size());
                Thread thread = new Thread(() -> write(fixture, database, random), "writer-" + database + "-" + i);
                thread.setDaemon(true);
                threads.add(thread);
                thread.start();
            }
        }
    }

    public int committed() {
        return committed.get();
    }

    private void write(Fixture fixture, String database, Random random) {
        while (!stopped) {
            try (Connection connection = fixture.connect(database)) {
                connection.setAutoCommit(false);
                while (!stopped && connection.isValid(0)) {
                    transaction(connection, database, random);
                }
            } catch (SQLException away) {
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RECONNECT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void transaction(Connection connection, String database, Random random) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int size = 1 + random.nextInt(LONGEST);
            for (int i = 0; i < size; i++) {
                statement.execute(statements.draw(random, database));
            }
            if (random.nextInt(10) == 0) {
                connection.rollback();
            } else {
                connection.commit();
                committed.incrementAndGet();
            }
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (state == null || state.startsWith("08") || state.startsWith("57")) {
                throw e;
            }
            connection.rollback();
        }
    }

    private static String sql(Random random, String database) {
        int key = random.nextInt(KEYS);
        int number = random.nextInt(1_000_000);
        return switch (random.nextInt(10)) {
            case 0, 1 ->
                "INSERT INTO hot VALUES (%d, %d, '%s') ON CONFLICT DO NOTHING".formatted(key, number, database);
            case 2, 3 ->
                "INSERT INTO hot VALUES (%d, %d, '%s') ON CONFLICT (id) DO UPDATE SET a = excluded.a, b = excluded.b"
                        .formatted(key, number, database);
            case 4 -> "DELETE FROM hot WHERE id = " + key;
            case 5 -> "UPDATE hot SET id = %d WHERE id = %d".formatted(random.nextInt(KEYS), key);
            case 6 -> "UPDATE hot SET c = repeat('%d', %d) WHERE id = %d".formatted(number, random.nextInt(50), key);
            default -> "UPDATE hot SET a = %d, b = '%s' WHERE id = %d".formatted(number, database, key);
        };
    }

    /** Ends all threads after their present transaction. */
    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
