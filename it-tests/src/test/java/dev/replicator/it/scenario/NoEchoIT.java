package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.it.harness.WriteNotes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replicated change is written once, and does not come back; masters at rest stay at rest. */
class NoEchoIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final long MOST_IDLE_BYTES = 64 * 1024;
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final String ROWS = "SELECT xmin || ' ' || h::text FROM hot h ORDER BY id";

    @Test
    void mastersThatHaveConvergedWriteNothingMore() {
        try (Fixture fixture = new Fixture()) {
            masters(fixture, quietServer(fixture), quietServer(fixture));
            Daemon daemon = fixture.start();
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, 11)) {
                await().atMost(LIMIT).until(() -> writer.committed() > 300);
            }
            settle(fixture, daemon);
            List<List<String>> rows = everywhere(fixture, ROWS);
            List<Long> positions = positions(fixture);

            staysTheSame(fixture, ROWS, rows);

            for (int i = 0; i < MASTERS.size(); i++) {
                assertThat(positions(fixture).get(i) - positions.get(i))
                        .as("bytes of log that idle " + MASTERS.get(i) + " wrote")
                        .isLessThan(MOST_IDLE_BYTES);
            }
        }
    }

    @Test
    void aRowIsWrittenOnceOnTheOtherMasterAndNeverComesBack() {
        try (Fixture fixture = new Fixture()) {
            masters(fixture, Servers.of(Servers.NEWEST, 1), Servers.of(Servers.NEWEST, 2));
            WriteNotes notes = new WriteNotes(fixture, MASTERS);
            Daemon daemon = fixture.start();
            fixture.run("m1", "INSERT INTO hot VALUES (1, 1, 'first')");
            settle(fixture, daemon);
            List<List<String>> inserted = everywhere(fixture, ROWS);

            fixture.run("m2", "UPDATE hot SET a = 2, b = 'second' WHERE id = 1");
            settle(fixture, daemon);
            List<List<String>> updated = everywhere(fixture, ROWS);
            for (int i = 0; i < MASTERS.size(); i++) {
                assertThat(updated.get(i)).doesNotContainAnyElementsOf(inserted.get(i));
            }

            staysTheSame(fixture, ROWS, updated);
            for (String master : MASTERS) {
                assertThat(notes.of(master)).containsExactly("INSERT first", "UPDATE second");
            }
        }
    }

    private static void masters(Fixture fixture, Server first, Server second) {
        fixture.databases(MASTERS, List.of(first, second), RandomWriter.TABLE)
                .sync("quiet", MASTERS, List.of(), "tables: [public.hot]")
                .grant();
    }

    /** A server whose log nothing but the scenario writes. */
    private static Server quietServer(Fixture fixture) {
        return fixture.own(
                Servers.builder(Servers.NEWEST).setting("autovacuum", "off").start());
    }

    private static void settle(Fixture fixture, Daemon daemon) {
        daemon.kick(fixture.syncName("quiet"), LIMIT);
        new RowComparison(fixture, MASTERS, "hot").awaitEqual(LIMIT, daemon::status);
    }

    private static void staysTheSame(Fixture fixture, String sql, List<List<String>> expected) {
        await().during(REST)
                .atMost(REST.multipliedBy(2))
                .failFast(
                        "rows were written again",
                        () -> !everywhere(fixture, sql).equals(expected))
                .until(() -> everywhere(fixture, sql).equals(expected));
    }

    private static List<List<String>> everywhere(Fixture fixture, String sql) {
        return MASTERS.stream().map(master -> fixture.query(master, sql)).toList();
    }

    private static List<Long> positions(Fixture fixture) {
        return MASTERS.stream()
                .map(master -> Long.valueOf(fixture.value(master, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")))
                .toList();
    }
}
