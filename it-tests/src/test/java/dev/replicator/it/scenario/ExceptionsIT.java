package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Masters accept rows that a unique index does not let stand together. */
class ExceptionsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final String[] TABLES = {
        "CREATE TABLE employee (id int PRIMARY KEY, subid int, email text, active boolean, updated_at timestamptz)",
        "CREATE UNIQUE INDEX one_email ON employee (subid, lower(email)) WHERE active",
        "CREATE TABLE supply (id int PRIMARY KEY, employee int REFERENCES employee ON DELETE CASCADE, what text)"
    };

    private static Fixture masters(String onError) {
        return new Fixture()
                .databases(MASTERS, Servers.ofAllVersions(), TABLES)
                .sync("staff", MASTERS, List.of(), "on_error: " + onError)
                .grant();
    }

    private static void employ(Fixture fixture, String master, int id, String email) {
        fixture.run(
                master,
                "INSERT INTO employee VALUES (" + id + ", 1, '" + email + "', true, now())",
                "INSERT INTO supply VALUES (" + id + "1, " + id + ", 'desk'), (" + id + "2, " + id + ", 'chair')");
    }

    private static RowComparison rows(Fixture fixture) {
        return new RowComparison(fixture, MASTERS, "employee", "supply");
    }

    @Test
    void ofClashingEmployeesTheLastOneStaysWithItsChildrenEverywhereAndNothingStops() {
        try (Fixture fixture = masters("{ unique: keep_latest, default: stop }")) {
            Daemon daemon = fixture.start();
            String sync = fixture.syncName("staff");
            daemon.kick(sync, LIMIT);
            daemon.pause(sync);
            employ(fixture, "m1", 1, "ann@x");
            employ(fixture, "m2", 2, "Ann@x");
            employ(fixture, "m3", 3, "ANN@x");
            employ(fixture, "m1", 4, "bob@x");
            daemon.resume(sync);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.query("m1", "SELECT id::text FROM employee ORDER BY id"))
                            .containsExactly("3", "4"));
            rows(fixture).awaitEqual(LIMIT, daemon::status);
            assertThat(fixture.query("m2", "SELECT id::text FROM supply ORDER BY id"))
                    .containsExactly("31", "32", "41", "42");
            for (String master : MASTERS) {
                await().atMost(LIMIT)
                        .untilAsserted(
                                () -> assertThat(fixture.query(master, "SELECT id::text FROM replicator.quarantine"))
                                        .isEmpty());
            }
            assertThat(daemon.status().get(0).conflicts()).containsEntry("insert_exists", 2L);
            assertThat(MASTERS.stream()
                            .flatMap(master -> fixture
                                    .query(
                                            master,
                                            "SELECT DISTINCT loser_key::text || ' ' || policy FROM"
                                                    + " replicator.conflict_history WHERE policy = 'keep_latest'")
                                    .stream())
                            .distinct())
                    .containsExactlyInAnyOrder("{\"id\": \"1\"} keep_latest", "{\"id\": \"2\"} keep_latest");
        }
    }

    @Test
    void whatIsPutAsideIsShownAndGoesInOnceAPersonHasMadeRoom() {
        try (Fixture fixture = masters("quarantine")) {
            String sync = fixture.syncName("staff");
            fixture.startProcess();
            await().atMost(LIMIT).until(() -> fixture.command("kick", sync).code() == 0);
            fixture.command("pause", sync);
            employ(fixture, "m1", 1, "ann@x");
            employ(fixture, "m2", 2, "Ann@x");
            fixture.command("resume", sync);
            assertThat(fixture.command("quarantine", "retry", sync).code()).isEqualTo(1);
            for (String master : List.of("m1", "m2")) {
                assertThat(fixture.query(
                                master, "SELECT operation || ' ' || constraint_name FROM replicator.quarantine"))
                        .containsExactly("upsert one_email");
            }
            String change = "m2:"
                    + fixture.query("m2", "SELECT id::text FROM replicator.quarantine")
                            .get(0);
            assertThat(fixture.command("quarantine", "list", sync).out())
                    .contains(change, "public.employee", "upsert", "one_email", "{\"id\": \"1\"}");
            assertThat(fixture.command("quarantine", "show", change).out())
                    .contains("email", "ann@x", "constraint violated");
            assertThat(fixture.command("status", sync).out()).contains("m2: has refused 1 change");
            fixture.run("m1", "UPDATE employee SET active = false WHERE id = 1");
            rows(fixture).awaitEqual(LIMIT, () -> fixture.command("status").out());
            assertThat(fixture.query("m3", "SELECT id || ' ' || active FROM employee ORDER BY id"))
                    .containsExactly("1 false", "2 true");
            assertThat(fixture.command("quarantine", "retry", sync).code()).isZero();
        }
    }

    @Test
    void whatWasPutAsideLongAgoIsDecidedByTheTimesThatAreStored() {
        try (Fixture fixture = masters("quarantine")) {
            String sync = fixture.syncName("staff");
            try (Daemon daemon = fixture.start()) {
                daemon.kick(sync, LIMIT);
                daemon.pause(sync);
                employ(fixture, "m2", 2, "Ann@x");
                employ(fixture, "m1", 1, "ann@x");
                daemon.resume(sync);
                daemon.kick(sync, LIMIT);
            }
            fixture.sync("staff", MASTERS, List.of(), "on_error: { unique: keep_latest, default: stop }");
            Daemon daemon = fixture.start();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(fixture.query("m2", "SELECT id::text FROM replicator.quarantine"))
                            .isEmpty());
            assertThat(fixture.query("m2", "SELECT id::text FROM employee")).hasSize(1);
            rows(fixture).awaitEqual(LIMIT, daemon::status);
            assertThat(MASTERS.stream()
                            .flatMap(master -> fixture.query(master, "SELECT reason FROM replicator.decision").stream())
                            .toList())
                    .singleElement()
                    .asString()
                    .contains("one_email");
        }
    }
}
