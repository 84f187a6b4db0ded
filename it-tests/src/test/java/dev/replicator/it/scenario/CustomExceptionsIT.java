package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Plugin;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import dev.replicator.sample.NewestEmployee;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Code of the user's decides about rows that a unique index does not let stand together. */
class CustomExceptionsIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final String[] TABLES = {
        "CREATE TABLE employee (id int PRIMARY KEY, subid int, email text, active boolean, updated_at timestamptz)",
        "CREATE UNIQUE INDEX one_email ON employee (subid, lower(email)) WHERE active",
        "CREATE TABLE supply (id int PRIMARY KEY, employee int REFERENCES employee, what text)",
        "CREATE TABLE former_employee (id int PRIMARY KEY, subid int, email text, active boolean,"
                + " updated_at timestamptz, noted_at timestamptz DEFAULT now())"
    };

    private static Fixture masters(String handler) {
        Fixture fixture = new Fixture()
                .databases(MASTERS, Servers.ofAllVersions(), TABLES)
                .sync("staff", MASTERS, List.of(), "on_error: { one_email: " + handler + ", default: quarantine }");
        Path folder = fixture.file().getParent();
        Plugin.install(NewestEmployee.class, folder);
        try {
            Files.copy(
                    Path.of("../connectors/sample-handler/newest-employee.js"), folder.resolve("newest-employee.js"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return fixture.grant();
    }

    /** Three masters take clashing employees with children, and one that clashes with nobody. */
    private static void employ(Fixture fixture) {
        employ(fixture, "m1", 1, "ann@x", "2026-01-02");
        employ(fixture, "m2", 2, "Ann@x", "2026-01-03");
        employ(fixture, "m3", 3, "ANN@x", "2026-01-01");
        employ(fixture, "m1", 4, "bob@x", "2026-01-01");
    }

    private static void employ(Fixture fixture, String master, int id, String email, String updated) {
        fixture.run(
                master,
                "INSERT INTO employee VALUES (" + id + ", 1, '" + email + "', true, '" + updated + "')",
                "INSERT INTO supply VALUES (" + id + "1, " + id + ", 'desk'), (" + id + "2, " + id + ", 'chair')");
    }

    private static void awaitTheNewest(Fixture fixture, Supplier<?> status) {
        for (String master : MASTERS) {
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(fixture.query(master, "SELECT id::text FROM employee ORDER BY id"))
                        .as("employees on %s", master)
                        .containsExactly("2", "4");
                assertThat(fixture.query(master, "SELECT id::text FROM supply ORDER BY id"))
                        .containsExactly("21", "22", "41", "42");
                assertThat(fixture.query(master, "SELECT id || ' ' || email FROM former_employee ORDER BY id"))
                        .containsExactly("1 ann@x", "3 ANN@x");
                assertThat(fixture.query(master, "SELECT id::text FROM replicator.quarantine"))
                        .isEmpty();
            });
        }
        new RowComparison(fixture, MASTERS, "employee", "supply", "former_employee").awaitEqual(LIMIT, status);
    }

    /** Decisions that were followed, on whichever master; each is to be there once. */
    private static List<String> decisions(Fixture fixture) {
        return MASTERS.stream()
                .flatMap(master -> fixture.query(master, "SELECT id FROM replicator.decision").stream())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ script: newest-employee.js }", "{ class: dev.replicator.sample.NewestEmployee }"})
    void theNewestStaysTheOthersAreCopiedAndDeletedWithTheirChildrenAndNothingStops(String handler) {
        try (Fixture fixture = masters(handler)) {
            Daemon daemon = fixture.start();
            String sync = fixture.syncName("staff");
            daemon.kick(sync, LIMIT);
            daemon.pause(sync);
            employ(fixture);
            daemon.resume(sync);
            awaitTheNewest(fixture, daemon::status);
            assertThat(decisions(fixture)).doesNotHaveDuplicates();
            assertThat(daemon.handlerFailures()).isEmpty();
            assertThat(MASTERS.stream()
                            .flatMap(master -> fixture
                                    .query(
                                            master,
                                            "SELECT loser_key::text FROM replicator.conflict_history WHERE type ="
                                                    + " 'insert_exists'")
                                    .stream())
                            .distinct())
                    .contains("{\"id\": \"1\"}", "{\"id\": \"3\"}")
                    .doesNotContain("{\"id\": \"2\"}");
        }
    }

    /** Holds the table that every decision writes, until it is closed. */
    private static Connection lock(Fixture fixture, String master) {
        try {
            Connection connection = fixture.connect(master);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("LOCK TABLE former_employee IN EXCLUSIVE MODE");
            }
            return connection;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theSameIsDoneOnceWhenTheProcessIsKilledInTheMiddle() throws SQLException {
        try (Fixture fixture = masters("{ script: newest-employee.js }")) {
            String sync = fixture.syncName("staff");
            ReplicatorProcess first = fixture.startProcess();
            await().atMost(LIMIT).until(() -> fixture.command("kick", sync).code() == 0);
            fixture.command("pause", sync);
            employ(fixture);
            // What decides can follow no decision meanwhile.
            List<Connection> locks =
                    MASTERS.stream().map(master -> lock(fixture, master)).toList();
            fixture.command("resume", sync);
            await().atMost(LIMIT)
                    .until(() -> MASTERS.stream()
                            .noneMatch(master -> fixture.query(master, "SELECT id::text FROM replicator.quarantine")
                                    .isEmpty()));
            first.kill();
            for (Connection lock : locks) {
                lock.close();
            }
            assertThat(decisions(fixture)).isEmpty();
            ReplicatorProcess second = fixture.startProcess();
            await().atMost(LIMIT).until(() -> {
                second.assertRunning();
                return !decisions(fixture).isEmpty();
            });
            second.kill();
            fixture.startProcess();
            awaitTheNewest(fixture, () -> fixture.command("status").out());
            assertThat(decisions(fixture)).doesNotHaveDuplicates();
        }
    }

    @Test
    void codeThatFailsLeavesTheChangePutAsideAndWhatCannotWorkIsRefused() throws IOException {
        try (Fixture fixture = masters("{ script: bad.js }")) {
            Path script = fixture.file().getParent().resolve("bad.js");
            String sync = fixture.syncName("staff");
            assertThat(fixture.command("check").out())
                    .contains("cannot decide about refused changes of table public.employee by script \"bad.js\"");
            Files.writeString(script, "function handle(exception, query) { throw exception.refused.row.email; }");
            Daemon daemon = fixture.start();
            daemon.kick(sync, LIMIT);
            daemon.pause(sync);
            employ(fixture, "m1", 1, "ann@x", "2026-01-02");
            employ(fixture, "m2", 2, "ann@x", "2026-01-02");
            daemon.resume(sync);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(daemon.handlerFailures())
                            .singleElement()
                            .satisfies(count -> assertThat(count.what()).isEqualTo("it threw in line 1")));
            assertThat(Stream.of("m1", "m2")
                            .flatMap(master ->
                                    fixture
                                            .query(master, "SELECT constraint_name FROM replicator.quarantine")
                                            .stream()))
                    .containsExactly("one_email", "one_email");
        }
    }
}
