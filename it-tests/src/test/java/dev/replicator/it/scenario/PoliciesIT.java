package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Servers;
import dev.replicator.observe.SyncStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The same rows are changed on three masters at once, under every policy. */
class PoliciesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final int ROWS = 20;
    private static final Map<String, String> POLICIES = new LinkedHashMap<>();

    static {
        POLICIES.put("t_latest", "latest");
        POLICIES.put("t_first", "first");
        POLICIES.put("t_priority", "{ priority: [m2, m1] }");
        POLICIES.put("t_source", "{ source: m1 }");
        POLICIES.put("t_random", "random");
        POLICIES.put("t_columns", "columns");
        POLICIES.put("t_delta", "{ policy: latest, delta: [n, m] }");
        POLICIES.put("t_both", "{ policy: columns, delta: [n, m] }");
        POLICIES.put("t_skip", "skip");
    }

    private static String[] tables(Iterable<String> names) {
        List<String> ddl = new ArrayList<>();
        for (String name : names) {
            ddl.add("CREATE TABLE " + name + " (id int PRIMARY KEY, a text, b text, n int NOT NULL DEFAULT 0,"
                    + " m numeric(12, 2) NOT NULL DEFAULT 0)");
            ddl.add("ALTER TABLE " + name + " REPLICA IDENTITY FULL");
        }
        return ddl.toArray(String[]::new);
    }

    private static String listed(Map<String, String> policies) {
        return "tables: ["
                + policies.entrySet().stream()
                        .map(entry -> "{ table: public." + entry.getKey() + ", conflict: " + entry.getValue() + " }")
                        .collect(Collectors.joining(", "))
                + "]";
    }

    @Test
    void concurrentUpdatesEndAsThePolicyOfTheirTableSays() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(MASTERS, Servers.ofAllVersions(), tables(POLICIES.keySet()))
                    .sync("all", MASTERS, List.of(), listed(POLICIES))
                    .grant();
            Daemon daemon = fixture.start();
            String sync = fixture.syncName("all");
            for (String table : POLICIES.keySet()) {
                fixture.run(
                        "m1", "INSERT INTO " + table + " (id, a, b) SELECT i, '', '' FROM generate_series(1, 20) i");
            }
            daemon.kick(sync, LIMIT);

            daemon.pause(sync);
            POLICIES.keySet().forEach(table -> change(fixture, table));
            daemon.resume(sync);
            daemon.kick(sync, LIMIT);

            assertThat(rows(fixture, "t_latest")).containsOnly("m3,,100,1.00");
            assertThat(rows(fixture, "t_first")).containsOnly("m1,,1,0.25");
            assertThat(rows(fixture, "t_priority")).containsOnly(",m2,10,0.50");
            assertThat(rows(fixture, "t_source")).containsOnly("m1,,1,0.25");
            assertThat(rows(fixture, "t_columns")).containsOnly("m3,m2,100,1.00");
            assertThat(rows(fixture, "t_delta")).containsOnly("m3,,111,1.75");
            assertThat(rows(fixture, "t_both")).containsOnly("m3,m2,111,1.75");
            // Drawn row by row, and the same everywhere.
            assertThat(rows(fixture, "t_random"))
                    .containsAnyOf("m1,,1,0.25", ",m2,10,0.50")
                    .contains("m3,,100,1.00");
            keptApartAndTogetherAgain(fixture, daemon, sync);
            recorded(fixture);
        }
    }

    /** Three changes of every row, on three masters, none in sight of another. */
    private static void change(Fixture fixture, String table) {
        fixture.run("m1", "UPDATE " + table + " SET a = 'm1', n = n + 1, m = m + 0.25");
        fixture.run("m2", "UPDATE " + table + " SET b = 'm2', n = n + 10, m = m + 0.5");
        fixture.run("m3", "UPDATE " + table + " SET a = 'm3', n = n + 100, m = m + 1");
    }

    /** The rows of a table, which are the same on every master. */
    private static List<String> rows(Fixture fixture, String table) {
        String sql = "SELECT concat_ws(',', a, b, n, m) FROM " + table + " ORDER BY id";
        List<String> first = fixture.query("m1", sql);
        assertThat(first).hasSize(ROWS);
        assertThat(fixture.query("m2", sql)).as(table).isEqualTo(first);
        assertThat(fixture.query("m3", sql)).as(table).isEqualTo(first);
        return first;
    }

    private static void keptApartAndTogetherAgain(Fixture fixture, Daemon daemon, String sync) {
        String sql = "SELECT DISTINCT concat_ws(',', a, b, n) FROM t_skip";
        assertThat(fixture.query("m1", sql)).containsExactly("m1,,1");
        assertThat(fixture.query("m2", sql)).containsExactly(",m2,10");
        assertThat(fixture.query("m3", sql)).containsExactly("m3,,100");
        fixture.run("m2", "UPDATE t_skip SET a = 'again'");
        daemon.kick(sync, LIMIT);
        assertThat(rows(fixture, "t_skip")).containsOnly("again,m2,10,0.50");
    }

    private static void recorded(Fixture fixture) {
        String sql = "SELECT table_name || ' ' || policy || ' ' || count(*) FROM replicator.conflict_history"
                + " GROUP BY table_name, policy ORDER BY 1";
        // Of three concurrent changes two are discarded; where columns are merged and counters add up one is, in part;
        // and
        // where each database keeps its own all of them are somewhere. What is drawn among two may win among three.
        for (String master : MASTERS) {
            assertThat(fixture.query(master, sql).stream()
                            .map(line -> line.startsWith("t_random") ? line.replaceFirst("[456].$", "40") : line))
                    .containsExactly(
                            "t_both columns, delta 20",
                            "t_columns columns 40",
                            "t_delta latest, delta 40",
                            "t_first first 40",
                            "t_latest latest 40",
                            "t_priority priority 40",
                            "t_random random 40",
                            "t_skip skip 60",
                            "t_source source 40");
        }
    }

    @Test
    void countersEndAtTheSumOfAllIncrementsOfAllMasters() throws Exception {
        Map<String, String> policy = Map.of("counts", "{ policy: latest, delta: [n, m] }");
        ExecutorService writers = Executors.newFixedThreadPool(MASTERS.size());
        try (Fixture fixture = new Fixture()) {
            fixture.databases(MASTERS, Servers.ofAllVersions(), tables(policy.keySet()))
                    .sync("sum", MASTERS, List.of(), listed(policy))
                    .grant();
            Daemon daemon = fixture.start();
            String sync = fixture.syncName("sum");
            fixture.run("m1", "INSERT INTO counts (id) VALUES (1), (2)");
            daemon.kick(sync, LIMIT);
            List<Future<?>> done = new ArrayList<>();
            for (String master : MASTERS) {
                done.add(writers.submit(() -> increment(fixture, master)));
            }
            for (Future<?> each : done) {
                each.get();
            }
            daemon.kick(sync, LIMIT);
            for (String master : MASTERS) {
                await().atMost(LIMIT)
                        .untilAsserted(
                                () -> assertThat(fixture.query(master, "SELECT n || ' ' || m FROM counts ORDER BY id"))
                                        .containsExactly("900 450.00", "-900 -450.00"));
            }
        } finally {
            writers.shutdownNow();
        }
    }

    private static Void increment(Fixture fixture, String master) throws SQLException {
        try (Connection connection = fixture.connect(master);
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 300; i++) {
                statement.execute("UPDATE counts SET n = n + 1, m = m + 0.5, a = '" + master + "' WHERE id = 1");
                statement.execute("UPDATE counts SET n = n - 1, m = m - 0.5 WHERE id = 2");
            }
        }
        return null;
    }

    @Test
    void aConflictThatAPersonHasToDecidePausesTheSyncUntilTheTableHasAnotherPolicy() {
        try (Fixture fixture = new Fixture()) {
            Map<String, String> stopping = Map.of("asked", "stop");
            fixture.databases(MASTERS, Servers.ofAllVersions(), tables(stopping.keySet()))
                    .sync("person", MASTERS, List.of(), listed(stopping))
                    .grant();
            String sync = fixture.syncName("person");
            Daemon daemon = fixture.start();
            fixture.run("m1", "INSERT INTO asked (id, a, b) SELECT i, '', '' FROM generate_series(1, 20) i");
            daemon.kick(sync, LIMIT);
            daemon.pause(sync);
            change(fixture, "asked");
            daemon.resume(sync);
            await().atMost(LIMIT).until(() -> status(daemon).paused());
            assertThat(status(daemon).waitReason())
                    .contains("cannot decide a conflict in table public.asked", "UPDATE on \"m");
            assertThat(fixture.value("m1", "SELECT count(*) FROM replicator.pause WHERE sync = '" + sync + "'"))
                    .isEqualTo("1");
            daemon.close();

            fixture.sync("person", MASTERS, List.of(), listed(Map.of("asked", "{ source: m2 }")));
            Daemon decided = fixture.start();
            assertThat(status(decided).paused()).isTrue();
            decided.resume(sync);
            decided.kick(sync, LIMIT);
            assertThat(rows(fixture, "asked")).containsOnly(",m2,10,0.50");
        }
    }

    private static SyncStatus status(Daemon daemon) {
        return daemon.status().get(0);
    }
}
