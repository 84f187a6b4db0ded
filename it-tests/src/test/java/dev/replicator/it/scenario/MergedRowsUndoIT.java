package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess.Ended;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code conflicts undo} where rows are put together from several changes: whole rows and deletes are written back, parts of
 * rows are refused, and the refusal says what to do.
 */
class MergedRowsUndoIT {
    private static final List<String> MASTERS = List.of("m1", "m2");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Fixture fixture = new Fixture();

    private void conflict(Daemon daemon, String sync, String onFirst, String onLast) {
        daemon.await(sync, null, LIMIT);
        daemon.pause(sync);
        fixture.run("m1", onFirst);
        fixture.run("m2", onLast);
        daemon.resume(sync);
        settle(daemon, sync);
    }

    private void settle(Daemon daemon, String sync) {
        daemon.await(sync, null, LIMIT);
        for (String table : List.of("col", "cnt")) {
            new RowComparison(fixture, MASTERS, table).awaitEqual(LIMIT, daemon::status);
        }
    }

    private Ended undo(String table, int key) throws IOException {
        Ended ended = fixture.command("conflicts", "list", "--table", table, "--key", "id=" + key, "--json");
        assertThat(ended.code()).as(ended.err()).isZero();
        JsonNode entries = JSON.readTree(ended.out());
        assertThat(entries).hasSize(1);
        return fixture.command("conflicts", "undo", entries.get(0).path("id").asText(), "--yes");
    }

    @Test
    void wholeRowsAreWrittenBackAndPartsOfRowsAreRefused() throws IOException {
        try (fixture) {
            fixture.databases(
                            MASTERS,
                            List.of(Servers.of(Servers.NEWEST, 1)),
                            "CREATE TABLE col (id int PRIMARY KEY, a text, b text, n int NOT NULL)",
                            "CREATE TABLE cnt (id int PRIMARY KEY, a text, b text, n int NOT NULL)",
                            "ALTER TABLE col REPLICA IDENTITY FULL",
                            "ALTER TABLE cnt REPLICA IDENTITY FULL",
                            "INSERT INTO col SELECT g, 'a', 'b', 0 FROM generate_series(1, 3) AS g",
                            "INSERT INTO cnt SELECT g, 'a', 'b', 0 FROM generate_series(1, 3) AS g")
                    .sync(
                            "merged",
                            MASTERS,
                            List.of(),
                            "tables: [{ table: public.col, conflict: columns },"
                                    + " { table: public.cnt, conflict: { policy: latest, delta: [n] } }]")
                    .grant();
            String sync = fixture.syncName("merged");
            try (Daemon daemon = fixture.start()) {
                for (String table : List.of("col", "cnt")) {
                    conflict(
                            daemon,
                            sync,
                            "UPDATE " + table + " SET a = 'm1', n = n + 1 WHERE id = 1",
                            "UPDATE " + table + " SET a = 'm2', n = n + 2 WHERE id = 1");
                    conflict(
                            daemon,
                            sync,
                            "UPDATE " + table + " SET a = 'm1', n = n + 1 WHERE id = 2",
                            "DELETE FROM " + table + " WHERE id = 2");
                    conflict(
                            daemon,
                            sync,
                            "DELETE FROM " + table + " WHERE id = 3",
                            "UPDATE " + table + " SET a = 'm2', n = n + 2 WHERE id = 3");
                    conflict(
                            daemon,
                            sync,
                            "INSERT INTO " + table + " VALUES (4, 'm1', 'm1', 10)",
                            "INSERT INTO " + table + " VALUES (4, 'm2', 'm2', 20)");

                    Ended parts = undo(table, 1);
                    assertThat(parts.code()).isNotZero();
                    assertThat(parts.err())
                            .contains("cannot undo conflict")
                            .contains("puts a row together from several changes")
                            .contains("by an UPDATE on one master");
                    for (int key = 2; key <= 4; key++) {
                        Ended whole = undo(table, key);
                        assertThat(whole.code()).as(whole.err()).isZero();
                    }
                    settle(daemon, sync);
                    String row = "SELECT a || ' ' || b || ' ' || n FROM " + table + " WHERE id = ";
                    assertThat(fixture.value("m2", row + 1)).isEqualTo(table.equals("cnt") ? "m2 b 3" : "m2 b 2");
                    assertThat(fixture.value("m2", row + 2)).isEqualTo("m1 b 1");
                    assertThat(fixture.query("m2", row + 3)).isEmpty();
                    assertThat(fixture.value("m2", row + 4)).isEqualTo("m1 m1 10");
                }
            }
        }
    }
}
