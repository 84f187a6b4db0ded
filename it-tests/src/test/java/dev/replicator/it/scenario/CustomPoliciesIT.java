package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.conflict.HandlerFailures;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ReplicatorException;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Plugin;
import dev.replicator.it.harness.Servers;
import dev.replicator.sample.FillNulls;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expressions, a script and a class of a plugin decide conflicts on three masters, which end equal. */
class CustomPoliciesIT {
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String[] TABLES = {
        "CREATE TABLE newest (id int PRIMARY KEY, price numeric(10,2), updated_at timestamptz)",
        "CREATE TABLE each (id int PRIMARY KEY, price numeric(10,2), on_hand bigint, note text)",
        "CREATE TABLE task (id int PRIMARY KEY, state text, owner text, tags text[])",
        "CREATE TABLE person (id int PRIMARY KEY, phone text, mail text)",
        "CREATE TABLE loops (id int PRIMARY KEY, v text)",
        "ALTER TABLE newest REPLICA IDENTITY FULL",
        "ALTER TABLE each REPLICA IDENTITY FULL",
        "ALTER TABLE task REPLICA IDENTITY FULL",
        "ALTER TABLE person REPLICA IDENTITY FULL",
        "ALTER TABLE loops REPLICA IDENTITY FULL",
    };
    private static final String CONFIGURATION = """
            tables:
                  - table: newest
                    conflict: { expression: "a == null ? b : b == null ? a : a.updated_at > b.updated_at ? a : b" }
                  - table: each
                    conflict:
                      expression: { price: "greatest(a.price, b.price)", on_hand: "a.on_hand + b.on_hand - b_old.on_hand" }
                      fallback: first
                  - { table: task, conflict: { script: task.js } }
                  - { table: person, conflict: { class: dev.replicator.sample.FillNulls } }
                  - { table: loops, conflict: { script: task.js, function: forever, fallback: { source: m1 } } }""";
    private static final String SCRIPT = """
            const ORDER = ['new', 'started', 'done'];

            function resolve(changes) {
                const removed = changes.filter(change => change.row === null);
                if (removed.length > 0) {
                    return removed[0];
                }
                const best = changes.reduce((a, b) => ORDER.indexOf(a.row.state) > ORDER.indexOf(b.row.state) ? a : b);
                return merge(best, { tags: changes.map(change => change.database) });
            }

            function forever() {
                while (true) { }
            }
            """;

    @Test
    void codeDecidesAndAllMastersEndEqual() throws Exception {
        try (Fixture fixture = fixture(CONFIGURATION)) {
            write(fixture, "task.js", SCRIPT);
            Plugin.install(FillNulls.class, fixture.file().getParent());
            MASTERS.forEach(master -> fixture.run(
                    master,
                    "INSERT INTO newest SELECT g, 1, '2026-01-01' FROM generate_series(1, 2) g",
                    "INSERT INTO each VALUES (1, 5, 100, 'x'), (2, 5, 100, 'x')",
                    "INSERT INTO task VALUES (1, 'new', 'nobody', NULL), (2, 'new', 'nobody', NULL)",
                    "INSERT INTO person VALUES (1, NULL, NULL)",
                    "INSERT INTO loops VALUES (1, 'x')"));
            String sync = fixture.syncName("custom");
            try (Daemon daemon = fixture.start()) {
                daemon.await(sync, null, LIMIT);
                daemon.pause(sync);
                // m1 commits first, m3 last.
                fixture.run(
                        "m1",
                        "UPDATE newest SET price = 10.50, updated_at = '2026-03-03' WHERE id = 1",
                        "UPDATE newest SET price = 11 WHERE id = 2",
                        "UPDATE each SET price = 9, on_hand = on_hand - 10, note = 'one' WHERE id = 1",
                        "UPDATE each SET price = 9 WHERE id = 2",
                        "UPDATE task SET state = 'done', owner = 'ann' WHERE id = 1",
                        "DELETE FROM task WHERE id = 2",
                        "UPDATE person SET phone = '1' WHERE id = 1",
                        "UPDATE loops SET v = 'one'");
                fixture.run(
                        "m2",
                        "UPDATE newest SET price = 20, updated_at = '2026-02-02' WHERE id = 1",
                        "UPDATE each SET price = 8, on_hand = on_hand - 20, note = 'two' WHERE id = 1",
                        "DELETE FROM each WHERE id = 2",
                        "UPDATE task SET state = 'started', owner = 'bob'",
                        "UPDATE person SET mail = 'a@b' WHERE id = 1",
                        "UPDATE loops SET v = 'two'");
                fixture.run("m3", "DELETE FROM newest WHERE id = 2", "UPDATE loops SET v = 'three'");
                daemon.resume(sync);
                daemon.await(sync, null, LIMIT);
                for (String master : MASTERS) {
                    awaitValue(
                            fixture,
                            master,
                            "SELECT price || ' ' || (updated_at = '2026-03-03') FROM newest WHERE id = 1",
                            "10.50 true");
                    awaitValue(
                            fixture,
                            master,
                            "SELECT price || ' ' || on_hand || ' ' || note FROM each WHERE id = 1",
                            "9.00 70 two");
                    awaitValue(fixture, master, "SELECT count(*) FROM each WHERE id = 2 AND price = 9", "1");
                    awaitValue(
                            fixture,
                            master,
                            "SELECT state || ' ' || owner || ' ' || tags::text FROM task",
                            "done ann {m1,m2}");
                    awaitValue(fixture, master, "SELECT phone || ' ' || mail FROM person", "1 a@b");
                    awaitValue(fixture, master, "SELECT price FROM newest WHERE id = 2", "11.00");
                    awaitValue(fixture, master, "SELECT v FROM loops", "one");
                }
                history(fixture);
                assertThat(daemon.handlerFailures())
                        .extracting(HandlerFailures.Count::table, HandlerFailures.Count::what)
                        .allSatisfy(tuple -> assertThat(tuple.toList().get(1).toString())
                                .isEqualTo("it had not ended after 10000000 steps"));
                assertThat(daemon.handlerFailures()).hasSize(1);
            }
        }
    }

    private static void history(Fixture fixture) {
        assertThat(fixture.query("m1", "SELECT DISTINCT reason FROM replicator.conflict_history ORDER BY 1"))
                .contains(
                        "expression: it chose the change on m1",
                        "expression: it merged the changes",
                        "expression left it to the fallback, first: it was committed before the others",
                        "script \"task.js\": it merged the changes",
                        "class dev.replicator.sample.FillNulls: it merged the changes",
                        "script \"task.js\" failed (it had not ended after 10000000 steps), so the fallback decided,"
                                + " source: m1 decides");
    }

    @Test
    void codeThatDoesNotFitTheTableIsRefusedByCheckAndRun() throws IOException {
        try (Fixture fixture = fixture("""
                tables:
                      - { table: newest, conflict: { expression: "a.updated_at > b.price ? a : b" } }
                      - { table: each, conflict: { expression: { on_hand: "a.note" } } }
                      - { table: task, conflict: { script: missing.js } }
                      - { table: person, conflict: { class: com.example.Missing } }""")) {
            fixture.run("m2", "ALTER TABLE person REPLICA IDENTITY DEFAULT");
            String checked = fixture.command("check").out();
            assertThat(checked)
                    .contains("cannot decide conflicts of table public.newest by expression")
                    .contains(
                            "\">\" does not apply to timestamp and decimal. Columns: \"price\" is numeric(10,2) (decimal),"
                                    + " \"updated_at\" is timestamp with time zone (timestamp).")
                    .contains("it gives string where a value for column \"on_hand\" of type bigint (int) is needed")
                    .contains("missing.js\" cannot be read")
                    .contains("provides the conflict handler com.example.Missing")
                    .contains("ALTER TABLE \"public\".\"person\" REPLICA IDENTITY FULL;");
            assertThat(catchThrowableOfType(ReplicatorException.class, fixture::start)
                            .primary())
                    .isEqualTo("cannot decide conflicts of table public.each by expression");
        }
    }

    private static Fixture fixture(String configuration) {
        return new Fixture()
                .databases(MASTERS, List.of(Servers.of(Servers.OLDEST, 1), Servers.of(Servers.NEWEST, 1)), TABLES)
                .sync("custom", MASTERS, List.of(), configuration)
                .grant();
    }

    private static void awaitValue(Fixture fixture, String master, String sql, String value) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(fixture.value(master, sql))
                        .as("%s: %s", master, sql)
                        .isEqualTo(value));
    }

    private static void write(Fixture fixture, String name, String text) throws IOException {
        Files.writeString(fixture.file().resolveSibling(name), text);
    }
}
