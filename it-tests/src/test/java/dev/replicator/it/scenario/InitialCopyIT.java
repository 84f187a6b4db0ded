package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Operator;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.junit.jupiter.api.Test;

/** Rows that stand in the tables before the sync exists come to databases that have none, while applications write. */
class InitialCopyIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String BIG =
            "CREATE TABLE big (id int, part text, n int NOT NULL, note text, at timestamptz, PRIMARY KEY (id, part))";
    private static final String ODD = "CREATE TABLE \"Odd\" (id bigint PRIMARY KEY, mood mood, tags text[], raw bytea,"
            + " twice int GENERATED ALWAYS AS (id * 2) STORED)";
    private static final String MOOD = "CREATE TYPE mood AS ENUM ('sad', 'ok')";
    private static final int ROWS = 60_000;

    private final Server oldest = Servers.of(Servers.OLDEST);
    private final Server newest = Servers.of(Servers.NEWEST);

    private static void fill(Fixture fixture, String database) {
        fixture.run(
                database,
                "INSERT INTO big SELECT i, 'p' || i % 7, i, repeat(md5(i::text), 4), now() FROM generate_series(1, "
                        + ROWS + ") i",
                "INSERT INTO \"Odd\" SELECT i, 'ok', ARRAY['a\tb', NULL, 'c\\'], decode(md5(i::text), 'hex') FROM"
                        + " generate_series(1, 500) i");
    }

    /** Writes all kinds of changes into {@code big} until it is closed. */
    private static final class Busy implements AutoCloseable {
        private final AtomicBoolean ends = new AtomicBoolean();
        private final AtomicInteger made = new AtomicInteger();
        private final Thread thread;

        Busy(Fixture fixture, String database, int from) {
            thread = new Thread(() -> {
                try (Connection connection = fixture.connect(database);
                        Statement statement = connection.createStatement()) {
                    for (int i = from; !ends.get(); i++) {
                        int id = 1 + (int) (i * 7919L % ROWS);
                        statement.execute("UPDATE big SET n = n + 1000000, note = 'busy' WHERE id = " + id);
                        statement.execute("DELETE FROM big WHERE id = " + (1 + (int) (i * 104729L % ROWS)));
                        statement.execute("INSERT INTO big VALUES (" + (ROWS + i) + ", 'new', 0, NULL, now())");
                        made.incrementAndGet();
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            await().atMost(LIMIT).until(() -> made.get() > 20);
        }

        void stop() {
            ends.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            stop();
        }
    }

    @Test
    void aTargetGetsTheRowsOfABusySourceAndAfterAKillOnlyThoseThatAreMissing() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", oldest, MOOD, BIG, ODD).database("t", newest, MOOD, BIG, ODD);
            fill(fixture, "s");
            takesAMoment(fixture, "t");
            fixture.sync("copied", List.of("s"), List.of("t"), "initial_copy: if_empty")
                    .grant();
            try (Busy busy = new Busy(fixture, "s", 1)) {
                ReplicatorProcess first = fixture.startProcess();
                awaitWith(first, () -> done(fixture, "t") > 0);
                first.kill();
                String before = fixture.value("t", "SELECT count(*) FROM big");
                assertThat(Long.parseLong(before)).isBetween(1L, ROWS - 1L);
                ReplicatorProcess second = fixture.startProcess();
                awaitWith(
                        second,
                        () -> fixture.query("t", "SELECT state FROM replicator.table_join")
                                .equals(List.of("copied", "copied")));
                awaitWith(second, () -> second.log().contains("rows were there already"));
                busy.stop();
                new RowComparison(fixture, List.of("s", "t"), "big", "\"Odd\"").awaitEqual(LIMIT, second::log);
                assertThat(second.terminate()).as(second.log()).isZero();
                // Never again, although it is empty.
                fixture.run("t", "TRUNCATE \"Odd\"");
                ReplicatorProcess third = fixture.startProcess();
                fixture.run("s", "INSERT INTO \"Odd\" (id) VALUES (0)");
                await().atMost(LIMIT)
                        .until(() ->
                                fixture.query("t", "SELECT id FROM \"Odd\"").equals(List.of("0")));
                assertThat(third.terminate()).as(third.log()).isZero();
            }
        }
    }

    @Test
    void tablesOfATargetAreCopiedAnewByCommand() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", oldest, MOOD, BIG, ODD).database("t", newest, MOOD, BIG, ODD);
            fill(fixture, "s");
            fixture.sync("copied", List.of("s"), List.of("t"), "initial_copy: if_empty")
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            awaitWith(
                    process,
                    () -> fixture.value("t", "SELECT count(*) FROM big").equals(String.valueOf(ROWS)));
            awaitWith(process, () -> process.log().contains("t has all rows of 2 tables: 60,500 rows"));
            fixture.run("t", "DELETE FROM big WHERE id % 3 = 0", "INSERT INTO big VALUES (-7, 'extra', 0)");
            try (Busy busy = new Busy(fixture, "s", 1)) {
                ReplicatorProcess.Ended copied = new Operator(fixture)
                        .command("copy", fixture.syncName("copied"), "public.big", "--database", "t", "--yes");
                assertThat(copied.code())
                        .as(copied.out() + copied.err() + process.log())
                        .isZero();
                assertThat(copied.out()).contains("t: 1 table is copied");
                busy.stop();
                new RowComparison(fixture, List.of("s", "t"), "big", "\"Odd\"").awaitEqual(LIMIT, process::log);
            }
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    private static void awaitWith(ReplicatorProcess process, Callable<Boolean> condition) {
        try {
            await().atMost(LIMIT)
                    .failFast("the process ended", () -> !process.isRunning())
                    .until(condition);
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            throw new AssertionError(process.log(), e);
        }
    }

    /** Every range does, so that things can happen in between. */
    private static void takesAMoment(Fixture fixture, String database) {
        fixture.run(
                database,
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF TG_TABLE_NAME = ''big'' AND"
                        + " current_setting(''application_name'') LIKE ''%loads%'' THEN PERFORM pg_sleep(0.15); END IF;"
                        + " RETURN NULL; END'",
                "CREATE TRIGGER slow AFTER INSERT ON big EXECUTE FUNCTION slow()",
                "ALTER TABLE big ENABLE ALWAYS TRIGGER slow");
    }

    private static int done(Fixture fixture, String database) {
        return fixture.value(database, "SELECT to_regclass('replicator.copy_range') IS NOT NULL")
                        .equals("t")
                ? Integer.parseInt(fixture.value(
                        database,
                        "SELECT count(*) FROM replicator.copy_range WHERE held IS NOT NULL AND table_name = 'big'"))
                : 0;
    }
}
