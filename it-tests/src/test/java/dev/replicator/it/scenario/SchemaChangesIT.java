package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Columns are added on a source in the middle of traffic. */
class SchemaChangesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String WORK = "CREATE TABLE work (id int PRIMARY KEY, v text)";
    private static final String MOOD = "CREATE TYPE \"Mood\" AS ENUM ('glad', 'it''s')";
    private static final String[] ADDITIONS = {
        "ALTER TABLE work ADD COLUMN note text",
        "ALTER TABLE work ADD COLUMN \"Le vel\" numeric(5,2) NOT NULL DEFAULT 5",
        "ALTER TABLE work ADD COLUMN mood \"Mood\" DEFAULT 'it''s'",
        "ALTER TABLE work ADD COLUMN path text DEFAULT 'C:\\x''y'",
    };

    private static void insert(Fixture fixture, String database, int from, int to) {
        fixture.run(database, "INSERT INTO work SELECT g, 'v' || g FROM generate_series(" + from + ", " + to + ") g");
    }

    @Test
    void columnsOfASourceAreAddedToATargetAlsoWhileTheProgramIsDead() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.OLDEST), MOOD, WORK)
                    .database("t", Servers.of(Servers.NEWEST), MOOD, WORK)
                    .sync("one", List.of("s"), List.of("t"), "initial_copy: if_empty")
                    .grant();
            insert(fixture, "s", 1, 100);
            ReplicatorProcess process = fixture.startProcess();
            RowComparison equal = new RowComparison(fixture, List.of("s", "t"), "work");
            equal.awaitEqual(LIMIT, process::log);
            int next = 101;
            for (String addition : ADDITIONS) {
                fixture.run("s", addition);
                insert(fixture, "s", next, next + 9);
                next += 10;
            }
            equal.awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("t", "SELECT count(*) FROM work")).isEqualTo("140");
            assertThat(fixture.query("t", """
                    SELECT column_name || ' ' || is_nullable || ' ' || coalesce(column_default, '-')
                    FROM information_schema.columns WHERE table_name = 'work' AND column_name IN ('Le vel', 'note')
                    ORDER BY 1""")).containsExactly("Le vel NO 5.00", "note YES -");

            process.kill();
            fixture.run("s", "ALTER TABLE work ADD COLUMN late int DEFAULT 7");
            insert(fixture, "s", next, next + 9);
            ReplicatorProcess second = fixture.startProcess();
            equal.awaitEqual(LIMIT, second::log);
            assertThat(fixture.value("t", "SELECT DISTINCT late FROM work")).isEqualTo("7");
            assertThat(second.log()).contains("t gets a column that it lacked: ALTER TABLE");
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    @Test
    void whatIsNotKnownOfEveryRowWaitsForAPersonWithTheStatement() {
        try (Fixture fixture = new Fixture()) {
            fixture.database("s", Servers.of(Servers.NEWEST), WORK)
                    .database("t", Servers.of(Servers.NEWEST), WORK)
                    .database("u", Servers.of(Servers.NEWEST), WORK)
                    .sync("guess", List.of("s"), List.of("t"))
                    .sync("stops", List.of("s"), List.of("u"), "schema_changes: stop")
                    .grant();
            try (Daemon daemon = fixture.start()) {
                fixture.run("s", "ALTER TABLE work ADD COLUMN plain int");
                insert(fixture, "s", 1, 1);
                daemon.kick(fixture.syncName("guess"), LIMIT);
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(daemon.status().toString())
                                .contains("column \"plain\" of table public.work does not exist on database \"u\""));
                fixture.run("u", "ALTER TABLE work ADD COLUMN plain int");
                daemon.kick(fixture.syncName("stops"), LIMIT);

                fixture.run("s", "ALTER TABLE work ADD COLUMN each timestamptz DEFAULT now()");
                insert(fixture, "s", 2, 2);
                await().atMost(LIMIT)
                        .untilAsserted(() ->
                                assertThat(daemon.status().get(0).isHealthy()).isFalse());
                assertThat(fixture.command("check", fixture.syncName("guess")).out())
                        .contains("ALTER TABLE \"public\".\"work\" ADD COLUMN \"each\" timestamp with time zone;");
                fixture.run("t", "ALTER TABLE work ADD COLUMN each timestamptz");
                daemon.kick(fixture.syncName("guess"), LIMIT);
                assertThat(fixture.query("t", "SELECT id || ' ' || (each IS NOT NULL) FROM work ORDER BY id"))
                        .containsExactly("1 false", "2 true");
            }
        }
    }
}
