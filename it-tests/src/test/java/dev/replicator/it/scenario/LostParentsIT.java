package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A master deletes a row while others make rows that refer to it; what becomes of them is declared by table. */
class LostParentsIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final List<String> RULES = List.of("restore_parent", "delete_child", "set_null", "record");

    private static Fixture masters() {
        String[] tables = RULES.stream()
                .flatMap(rule -> Stream.of(
                        "CREATE TABLE p_" + rule + " (id int PRIMARY KEY, name text)",
                        "CREATE TABLE c_" + rule + " (id int PRIMARY KEY, parent int REFERENCES p_" + rule
                                + ", v text)"))
                .toArray(String[]::new);
        StringBuilder yaml = new StringBuilder("tables:");
        RULES.forEach(rule -> yaml.append("\n      - { table: c_")
                .append(rule)
                .append(", on_error: { foreign_key: ")
                .append(rule)
                .append(" } }"));
        return new Fixture()
                .databases(MASTERS, Servers.ofAllVersions(), tables)
                .sync(
                        "family",
                        MASTERS,
                        List.of(),
                        yaml.append("\n      - \"p_*\"").toString())
                .grant();
    }

    private static List<String> children(Fixture fixture, String master, String rule) {
        return fixture.query(master, "SELECT id || ' ' || coalesce(parent::text, '-') FROM c_" + rule + " ORDER BY id");
    }

    @Test
    void whatIsDeclaredIsDoneOnceAndAllMastersEndEqual() {
        try (Fixture fixture = masters()) {
            Daemon daemon = fixture.start();
            String sync = fixture.syncName("family");
            daemon.kick(sync, LIMIT);
            RULES.forEach(rule -> fixture.run("m1", "INSERT INTO p_" + rule + " VALUES (1, 'ann'), (2, 'bob')"));
            daemon.kick(sync, LIMIT);
            daemon.pause(sync);
            for (String rule : RULES) {
                fixture.run("m1", "DELETE FROM p_" + rule + " WHERE id = 1");
                fixture.run("m2", "INSERT INTO c_" + rule + " VALUES (10, 1, 'x'), (20, 2, 'y')");
                fixture.run("m3", "INSERT INTO c_" + rule + " VALUES (30, 1, 'z')");
            }
            daemon.resume(sync);
            for (String master : MASTERS) {
                await().atMost(LIMIT).untilAsserted(() -> {
                    assertThat(children(fixture, master, "restore_parent")).containsExactly("10 1", "20 2", "30 1");
                    assertThat(fixture.query(master, "SELECT name FROM p_restore_parent ORDER BY id"))
                            .containsExactly("ann", "bob");
                    assertThat(children(fixture, master, "delete_child")).containsExactly("20 2");
                    assertThat(children(fixture, master, "set_null")).containsExactly("10 -", "20 2", "30 -");
                    assertThat(children(fixture, master, "record")).containsExactly("10 1", "20 2", "30 1");
                    assertThat(fixture.query(master, "SELECT id::text FROM p_record"))
                            .containsExactly("2");
                    assertThat(fixture.query(master, "SELECT constraint_name FROM replicator.orphan"))
                            .as("notes on %s", master)
                            .isEmpty();
                });
            }
            String[] tables = RULES.stream()
                    .flatMap(rule -> Stream.of("p_" + rule, "c_" + rule))
                    .toArray(String[]::new);
            new RowComparison(fixture, MASTERS, tables).awaitEqual(LIMIT, daemon::status);
            history(fixture);
        }
    }

    /** A parent is restored once, however many rows refer to it; of the others each row has an entry. */
    private static void history(Fixture fixture) {
        List<String> entries = MASTERS.stream()
                .flatMap(master -> fixture
                        .query(
                                master,
                                "SELECT policy || ' ' || (loser_key->>'id') FROM replicator.conflict_history"
                                        + " WHERE type = 'foreign_key_violation'")
                        .stream())
                .toList();
        assertThat(entries)
                .containsExactlyInAnyOrder(
                        "restore_parent 1",
                        "delete_child 10",
                        "delete_child 30",
                        "set_null 10",
                        "set_null 30",
                        "record 10",
                        "record 30");
    }
}
