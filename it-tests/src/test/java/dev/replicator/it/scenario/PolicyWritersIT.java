package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three masters are written to at random, all at once, under one policy. They end equal, and every committed write is
 * accounted for: it stands, or was overwritten in sight, or is in the conflict history. A trigger that fires for local
 * writes only notes of each what it overwrote. Every write changes the tag, so this tells its fate also where columns of
 * several changes are merged.
 */
class PolicyWritersIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final int KEYS = 15;
    private static final String SKIP = "skip";
    private static final String[] TABLES = {
        "CREATE TABLE spot (id int PRIMARY KEY, a int, tag text NOT NULL, n int NOT NULL DEFAULT 0)",
        "ALTER TABLE spot REPLICA IDENTITY FULL",
        "CREATE TABLE note (tag text, overwrote text)",
        """
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO note VALUES (CASE WHEN TG_OP <> 'DELETE' THEN NEW.tag END, CASE WHEN TG_OP <> 'INSERT' THEN OLD.tag END);
          RETURN NULL;
        END $$""",
        "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON spot FOR EACH ROW EXECUTE FUNCTION note()",
    };
    private static final String SCRIPT = """
            function resolve(changes) {
                const rows = changes.filter(change => change.row !== null);
                return rows.length === 0 ? changes[0] : merge(rows[0], { a: rows.length });
            }
            """;

    private final AtomicInteger tags = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(strings = {"random", "{ policy: latest, delta: [n] }", "{ policy: columns, delta: [n] }"})
    void mastersEndEqualAndEveryWriteIsAccountedFor(String policy) throws IOException {
        write(policy, Servers.ofAllVersions(), 600);
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "latest",
                "first",
                "{ priority: [m2, m3] }",
                "{ source: m3 }",
                "random",
                "columns",
                "{ policy: latest, delta: [n] }",
                "{ policy: columns, delta: [n] }",
                "{ expression: \"a == null ? b : b == null ? a : a.tag > b.tag ? a : b\" }",
                "{ script: rule.js }",
                SKIP
            })
    void underEveryPolicyForLonger(String policy) throws IOException {
        write(policy, Servers.ofAllVersions(), 4000);
    }

    private void write(String policy, List<Server> servers, int transactions) throws IOException {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(MASTERS, servers, TABLES)
                    .sync("write", MASTERS, List.of(), "tables: [{ table: public.spot, conflict: " + policy + " }]");
            Files.writeString(fixture.file().resolveSibling("rule.js"), SCRIPT);
            fixture.grant();
            Daemon daemon = fixture.start();
            try (RandomWriter writer = new RandomWriter(fixture, MASTERS, 1, policy.hashCode(), this::statement)) {
                await().atMost(LIMIT).until(() -> writer.committed() > transactions);
            }
            daemon.kick(fixture.syncName("write"), LIMIT);
            if (!policy.equals(SKIP)) {
                new RowComparison(fixture, MASTERS, "spot").awaitEqual(LIMIT, daemon::status);
            }
            accounted(fixture);
        }
    }

    private String statement(Random random, String database) {
        int key = random.nextInt(KEYS);
        int number = random.nextInt(1000);
        String tag = database + "-" + tags.incrementAndGet();
        return switch (random.nextInt(10)) {
            case 0 -> "INSERT INTO spot VALUES (%d, %d, '%s') ON CONFLICT DO NOTHING".formatted(key, number, tag);
            case 1, 2 ->
                "INSERT INTO spot VALUES (%d, %d, '%s') ON CONFLICT (id) DO UPDATE SET a = excluded.a, tag = excluded.tag"
                        .formatted(key, number, tag);
            case 3 -> "DELETE FROM spot WHERE id = " + key;
            case 4 -> "UPDATE spot SET id = %d, tag = '%s' WHERE id = %d".formatted(random.nextInt(KEYS), tag, key);
            default ->
                "UPDATE spot SET a = %d, n = n + %d, tag = '%s' WHERE id = %d".formatted(number, number % 5, tag, key);
        };
    }

    private static void accounted(Fixture fixture) {
        Map<String, List<String>> overwrote = new HashMap<>();
        Set<String> known = new HashSet<>();
        for (String master : MASTERS) {
            known.addAll(fixture.query(master, "SELECT tag FROM spot"));
            // What a delete removed is accounted for: either the delete stands, or it was discarded and is recorded.
            known.addAll(fixture.query(master, "SELECT overwrote FROM note WHERE tag IS NULL"));
            known.addAll(fixture.query(
                    master,
                    "SELECT DISTINCT loser_row ->> 'tag' FROM replicator.conflict_history"
                            + " WHERE loser_row ->> 'tag' IS NOT NULL"));
            for (String line : fixture.query(
                    master, "SELECT tag || ' ' || coalesce(overwrote, '') FROM note WHERE tag IS NOT NULL")) {
                String[] both = line.split(" ", 2);
                overwrote.computeIfAbsent(both[0], tag -> new ArrayList<>()).add(both[1]);
            }
        }
        Set<String> accounted = ancestors(known, overwrote);
        assertThat(overwrote.keySet().stream()
                        .filter(tag -> !accounted.contains(tag))
                        .toList())
                .as("writes that neither stand nor were overwritten in sight nor are in the history")
                .isEmpty();
        assertThat(overwrote).hasSizeGreaterThan(100);
    }

    private static Set<String> ancestors(Collection<String> of, Map<String, List<String>> overwrote) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(of);
        while (!open.isEmpty()) {
            String tag = open.pop();
            if (found.add(tag)) {
                open.addAll(overwrote.getOrDefault(tag, List.of()));
            }
        }
        return found;
    }
}
