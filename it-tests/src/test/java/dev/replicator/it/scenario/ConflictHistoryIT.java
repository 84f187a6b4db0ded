package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess.Ended;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The conflict history of three masters: filtered, exported, undone, pruned. */
class ConflictHistoryIT {
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Fixture fixture = new Fixture();
    private String sync = "";

    @BeforeEach
    void threeMasters() {
        fixture.databases(
                        MASTERS,
                        List.of(Servers.of(Servers.OLDEST, 1), Servers.of(Servers.NEWEST, 1)),
                        "CREATE TABLE stock (id int, place text, on_hand numeric(10,2), live bool, tags text[],"
                                + " doubled numeric GENERATED ALWAYS AS (on_hand * 2) STORED, PRIMARY KEY (id, place))",
                        "INSERT INTO stock SELECT g, 'a', 1, true, '{x}' FROM generate_series(1, 4) AS g")
                .sync("history", MASTERS, List.of(), "conflict_history: { keep: 1d }")
                .grant();
        sync = fixture.syncName("history");
    }

    @AfterEach
    void remove() {
        fixture.close();
    }

    /** On m1 first and on m3 last, while nothing is carried. */
    private void conflict(Daemon daemon, String onFirst, String onLast) {
        daemon.await(sync, null, LIMIT);
        daemon.pause(sync);
        fixture.run("m1", onFirst);
        fixture.run("m3", onLast);
        daemon.resume(sync);
        daemon.await(sync, null, LIMIT);
        new RowComparison(fixture, MASTERS, "stock").awaitEqual(LIMIT, () -> "");
    }

    private JsonNode list(String... filters) throws IOException {
        List<String> words = new ArrayList<>(List.of("conflicts", "list", sync, "--json"));
        words.addAll(List.of(filters));
        Ended ended = fixture.command(words.toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isZero();
        return JSON.readTree(ended.out());
    }

    private String idOf(int key) throws IOException {
        JsonNode entries = list("--key", "id=" + key);
        assertThat(entries).hasSize(1);
        return entries.get(0).path("id").asText();
    }

    private void awaitEverywhere(String sql, String value) {
        MASTERS.forEach(master -> await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(fixture.value(master, sql))
                        .as("%s: %s", master, sql)
                        .isEqualTo(value)));
    }

    @Test
    void aDiscardedChangeIsListedOnceAndUndoneOnce() throws Exception {
        try (Daemon daemon = fixture.start()) {
            conflict(
                    daemon,
                    "UPDATE stock SET on_hand = 10, tags = '{p,\"q r\"}', live = false WHERE id = 1",
                    "UPDATE stock SET on_hand = 20 WHERE id = 1");
            conflict(daemon, "UPDATE stock SET on_hand = 11 WHERE id = 2", "DELETE FROM stock WHERE id = 2");
            conflict(daemon, "DELETE FROM stock WHERE id = 3", "UPDATE stock SET on_hand = 21 WHERE id = 3");
            conflict(
                    daemon, "UPDATE stock SET on_hand = 12 WHERE id = 4", "UPDATE stock SET on_hand = 22 WHERE id = 4");
            // Stored on every master, listed once.
            MASTERS.forEach(
                    master -> assertThat(fixture.value(master, "SELECT count(*) FROM replicator.conflict_history"))
                            .isEqualTo("4"));
            assertThat(list()).hasSize(4);
            filters();
            export();
            replay();

            undone(1);
            awaitEverywhere(
                    "SELECT on_hand || ' ' || doubled || ' ' || live || ' ' || tags::text FROM stock WHERE id = 1",
                    "10.00 20.00 false {p,\"q r\"}");
            undone(2);
            awaitEverywhere(
                    "SELECT on_hand || ' ' || live || ' ' || tags::text FROM stock WHERE id = 2", "11.00 true {x}");
            undone(3);
            awaitEverywhere("SELECT count(*) FROM stock WHERE id = 3", "0");

            Ended twice = fixture.command("conflicts", "undo", idOf(1), "--yes");
            assertThat(twice.code()).isNotZero();
            assertThat(twice.err()).contains("once more").contains("It was undone on database \"m1\"");
            assertThat(fixture.command("conflicts", "show", idOf(1)).out()).contains("undone   20");

            fixture.run("m2", "UPDATE stock SET on_hand = 99 WHERE id = 4");
            awaitEverywhere("SELECT on_hand FROM stock WHERE id = 4", "99.00");
            Ended late = fixture.command("conflicts", "undo", idOf(4), "--yes");
            assertThat(late.code()).isNotZero();
            assertThat(late.err()).contains("The row is not what the decision left");
            awaitEverywhere("SELECT on_hand FROM stock WHERE id = 4", "99.00");
            // An undo is a change as any other: no conflict came of it.
            assertThat(list()).hasSize(4);
        }
    }

    private void undone(int key) throws IOException {
        Ended ended = fixture.command("conflicts", "undo", idOf(key), "--yes");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("undone on m1");
    }

    private void filters() throws IOException {
        assertThat(list("--table", "public.stock")).hasSize(4);
        assertThat(list("--table", "other")).isEmpty();
        assertThat(list("--key", "id=3", "--key", "place=a").get(0).path("type").asText())
                .isEqualTo("delete_origin_differs");
        assertThat(list("--key", "a")).hasSize(4);
        assertThat(list("--database", "m3")).hasSize(4);
        assertThat(list("--database", "m2")).isEmpty();
        assertThat(list("--since", "1h")).hasSize(4);
        assertThat(list("--until", "1h")).isEmpty();
        assertThat(list("--limit", "2")).hasSize(2);
        assertThat(list("--from", "m2")).hasSize(4);
    }

    private void export() throws IOException {
        List<String> lines =
                fixture.command("conflicts", "export", sync).out().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(JSON.readTree(lines.get(0))
                        .path("loser")
                        .path("row")
                        .path("on_hand")
                        .asText())
                .isEqualTo("10.00");
        List<String> csv = fixture.command("conflicts", "export", "--format", "csv")
                .out()
                .lines()
                .toList();
        assertThat(csv).hasSize(5);
        assertThat(csv.get(0)).startsWith("id,sync,recorded_at,type,table,policy");
        assertThat(csv.get(1)).contains(",public.stock,latest,").contains("\"{\"\"id\"\":\"\"1\"\"");
    }

    private void replay() throws IOException {
        assertThat(replayed("latest")).endsWith("0 of 4 conflicts would have been decided differently\n");
        assertThat(fixture.command("conflicts", "replay", sync).out()).startsWith("0 of 4 conflicts");
        String first = replayed("first");
        assertThat(first)
                .containsPattern(
                        "\\{\"id\": \"1\", \"place\": \"a\"\\} +on_hand +20.00 +10.00 +first: it was committed")
                .containsPattern("\\{\"id\": \"2\", \"place\": \"a\"\\} +\\(row\\) +\\(no row\\) +\\(a row\\)")
                .containsPattern("\\{\"id\": \"3\", \"place\": \"a\"\\} +\\(row\\) +\\(a row\\) +\\(no row\\)")
                .endsWith("4 of 4 conflicts would have been decided differently\n");
        String sum = "{ expression: { on_hand: 'a.on_hand + b.on_hand', live: 'a.live && b.live' } }";
        JsonNode merged =
                JSON.readTree(fixture.command("conflicts", "replay", "--policy", sum, "--key", "id=1", "--json")
                        .out());
        assertThat(merged).hasSize(1);
        assertThat(merged.get(0).path("would_be").path("on_hand").asText()).isEqualTo("30");
        assertThat(merged.get(0).path("would_be").path("live").asText()).isEqualTo("false");
        Ended refused = fixture.command("conflicts", "replay", "--policy", "columns");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("cannot replay conflicts of table public.stock by policy columns");
        Ended unfit = fixture.command("conflicts", "replay", "--policy", "{ expression: a.onhand }");
        assertThat(unfit.code()).isEqualTo(3);
        assertThat(unfit.err()).contains("there is no column \"onhand\"");
        Ended unknown = fixture.command("conflicts", "replay", "--policy", "{ priority: [m9] }");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("\"m9\" is no source of this sync");
    }

    private String replayed(String policy) {
        Ended ended = fixture.command("conflicts", "replay", "--policy", policy);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    @Test
    void whatIsOlderThanItIsToBeKeptIsPruned() {
        try (Daemon daemon = fixture.start()) {
            conflict(
                    daemon, "UPDATE stock SET on_hand = 10 WHERE id < 3", "UPDATE stock SET on_hand = 20 WHERE id < 3");
        }
        // Of the same shape, but older: what is recorded now may be stored once more after a restart.
        MASTERS.forEach(master -> fixture.runAsSuperuser(master, """
                CREATE TEMP TABLE old AS SELECT * FROM replicator.conflict_history WHERE loser_key ->> 'id' = '1';
                UPDATE old SET id = 'old', recorded_at = recorded_at - interval '25 hours';
                INSERT INTO replicator.conflict_history SELECT * FROM old"""));
        try (Daemon daemon = fixture.start()) {
            daemon.await(sync, null, LIMIT);
            awaitEverywhere(
                    "SELECT count(*) || ' ' || count(*) FILTER (WHERE id = 'old') FROM replicator.conflict_history",
                    "2 0");
        }
    }
}
