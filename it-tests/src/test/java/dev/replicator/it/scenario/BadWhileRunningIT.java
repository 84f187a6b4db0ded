package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.admin.AdminPlace;
import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Operator;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.ServerNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong with one database while the program runs: it is named in the status with what mends it, the others go on,
 * and once it is mended so does that database, in the same process.
 */
class BadWhileRunningIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TABLE = "CREATE TABLE work (id int PRIMARY KEY, title text)";
    private static final String PASSWORD = "Not-In-Any-Log";
    private static final List<String> MASTERS = List.of("a", "b", "c");

    private final Fixture fixture = new Fixture();
    private final Operator operator = new Operator(fixture);

    @AfterEach
    void remove() {
        fixture.close();
    }

    @Test
    void aSlotThatIsDroppedInvalidatedOrAdvancedIsMadeAgain() {
        Server small = fixture.own(Servers.builder(Servers.NEWEST)
                .setting("max_slot_wal_keep_size", "16MB")
                .setting("checkpoint_timeout", "1h")
                .start());
        fixture.databases(List.of("a", "b"), List.of(Servers.of(Servers.NEWEST)), TABLE);
        fixture.database("c", small, TABLE).sync("s", MASTERS, List.of()).grant();
        ReplicatorProcess process = operator.started();
        operator.insert("c", 1);
        operator.awaitRow(1, MASTERS);

        stopReading("c", "PERFORM pg_drop_replication_slot('" + operator.slot("c") + "');");
        operator.awaitNamed("SLOT_MISSING", "slot create " + operator.sync() + " --database c");
        operator.insert("a", 2);
        operator.awaitRow(2, List.of("a", "b"));
        mend(false);
        operator.insert("c", 3);
        operator.awaitRow(3, MASTERS);

        process.freeze();
        endWalSender("c");
        await().atMost(LIMIT)
                .until(
                        () -> fixture.value(
                                "c",
                                "SELECT active FROM pg_replication_slots WHERE slot_name = '" + operator.slot("c")
                                        + "'"),
                        "f"::equals);
        operator.insert("c", 90);
        fixture.runAsSuperuser(
                "c", "SELECT pg_replication_slot_advance('" + operator.slot("c") + "', pg_current_wal_insert_lsn())");
        process.unfreeze();
        operator.awaitNamed("SLOT_AHEAD", "slot drop " + operator.sync() + " --database c");
        operator.insert("a", 4);
        mend(true);
        operator.awaitRow(4, MASTERS);
        operator.insert("c", 5);
        operator.awaitRow(5, MASTERS);

        invalidate(process);
        operator.awaitNamed("SLOT_INVALIDATED", "raise max_slot_wal_keep_size or lower slot_budget");
        operator.insert("a", 6);
        operator.awaitRow(6, List.of("a", "b"));
        mend(true);
        operator.insert("c", 7);
        operator.awaitRow(7, MASTERS);
        assertThat(process.isRunning()).isTrue();
        assertThat(process.log()).doesNotContain(PASSWORD);
    }

    @Test
    void aPublicationThatLosesATableOrIsGone() {
        fixture.databases(MASTERS, List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", MASTERS, List.of())
                .grant();
        operator.started();
        operator.insert("c", 1);
        operator.awaitRow(1, MASTERS);
        String publication = ServerNames.publication(operator.sync());

        fixture.runAsSuperuser("c", "ALTER PUBLICATION \"" + publication + "\" DROP TABLE work");
        endWalSender("c");
        operator.awaitNamed("PUBLICATION", "It lacks \\\"public\\\".\\\"work\\\"");
        operator.insert("a", 2);
        operator.awaitRow(2, List.of("a", "b"));
        mend(false);
        operator.awaitRow(2, MASTERS);

        fixture.runAsSuperuser("c", "DROP PUBLICATION \"" + publication + "\"");
        endWalSender("c");
        operator.awaitNamed("PUBLICATION", "The publication does not exist any more");
        operator.insert("a", 3);
        operator.awaitRow(3, List.of("a", "b"));
        mend(true);
        operator.insert("c", 4);
        operator.awaitRow(4, MASTERS);
    }

    @Test
    void aPasswordThatIsNoLongerRightAndWhatIsSaidAnywhere() throws IOException {
        Server strict = fixture.own(Servers.builder(Servers.NEWEST).start());
        fixture.databases(List.of("a", "b"), List.of(Servers.of(Servers.NEWEST)), TABLE);
        fixture.database("c", strict, TABLE).sync("s", MASTERS, List.of()).grant();
        askForPasswords(strict);
        ReplicatorProcess process = operator.started();
        operator.insert("c", 1);
        operator.awaitRow(1, MASTERS);

        strict.execute("postgres", "ALTER ROLE replicator PASSWORD 'Changed-And-In-No-Log'");
        strict.execute(
                "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'replicator'");
        operator.awaitNamed("AUTHENTICATION", "Check user and password");
        operator.insert("a", 2);
        operator.awaitRow(2, List.of("a", "b"));
        String said = operator.command("status").out()
                + operator.command("status", "--json").out()
                + operator.command("check").out()
                + operator.command("slot", "list", "--json").out()
                + process.log()
                + Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                + get("/metrics")
                + get("/health");
        assertThat(said).contains("password authentication failed").doesNotContain(PASSWORD, "In-No-Log");

        strict.execute("postgres", "ALTER ROLE replicator PASSWORD '" + PASSWORD + "'");
        operator.command("kick", operator.sync());
        operator.awaitRow(2, MASTERS);
    }

    @Test
    void aTargetThatIsReplacedByACopy() {
        fixture.databases(List.of("a", "t"), List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", List.of("a"), List.of("t"))
                .grant();
        operator.started();
        operator.insert("a", 1);
        operator.awaitRow(1, List.of("a", "t"));

        String name = fixture.databaseName("t");
        String others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'";
        fixture.runAsSuperuser("a", "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        fixture.runAsSuperuser("a", others);
        fixture.runAsSuperuser("a", "CREATE DATABASE " + name + "_copy TEMPLATE " + name);
        fixture.runAsSuperuser("a", "DROP DATABASE " + name + " WITH (FORCE)");
        fixture.runAsSuperuser("a", "ALTER DATABASE " + name + "_copy RENAME TO " + name);
        operator.command("kick", operator.sync(), "--timeout", "1s");
        operator.awaitNamed("IDENTITY_CHANGED", "Its database was");
    }

    @Test
    void theSlotOfASingleSourceThatSomebodyAdvanced() {
        fixture.databases(List.of("a", "t"), List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", List.of("a"), List.of("t"))
                .grant();
        ReplicatorProcess process = operator.started();
        operator.insert("a", 1);
        operator.awaitRow(1, List.of("a", "t"));
        await().atMost(LIMIT)
                .until(
                        () -> fixture.value(
                                "t",
                                "SELECT states::text FROM replicator.progress WHERE sync = '" + operator.sync() + "'"),
                        states -> states.contains("position"));
        assertThat(process.terminate()).isZero();

        operator.insert("a", 2);
        fixture.runAsSuperuser(
                "a", "SELECT pg_replication_slot_advance('" + operator.slot("a") + "', pg_current_wal_insert_lsn())");
        ReplicatorProcess.Ended check = operator.command("check");
        assertThat(check.code()).isEqualTo(ErrorCode.SLOT_AHEAD.exitCode());
        assertThat(check.out())
                .contains("ahead of the last stored position", "slot drop " + operator.sync() + " --database a");
        assertThat(operator.command("run").code()).isEqualTo(ErrorCode.SLOT_AHEAD.exitCode());

        assertThat(operator.command("slot", "drop", operator.sync(), "--database", "a", "--yes")
                        .code())
                .isZero();
        assertThat(operator.command("check").code()).isEqualTo(ErrorCode.SLOT_MISSING.exitCode());
        assertThat(operator.command("slot", "create", operator.sync(), "--database", "a")
                        .code())
                .isZero();
        operator.started();
        operator.insert("a", 3);
        operator.awaitRow(3, List.of("a", "t"));
        assertThat(fixture.query("t", "SELECT id FROM work ORDER BY id")).containsExactly("1", "3");
    }

    // ------------------------------------------------------------------ what is done to a database

    private void stopReading(String database, String then) {
        fixture.runAsSuperuser(database, """
                DO $$ BEGIN
                  FOR i IN 1..400 LOOP
                    PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%1$s';
                    BEGIN
                      %2$s
                      RETURN;
                    EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.01);
                    END;
                  END LOOP;
                  RAISE EXCEPTION 'the slot is held';
                END $$""".formatted(operator.slot(database), then));
    }

    private void endWalSender(String database) {
        fixture.runAsSuperuser(
                database,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                        + operator.slot(database) + "'");
    }

    /** The process stands still while the log grows beyond what the server keeps. */
    private void invalidate(ReplicatorProcess process) {
        process.freeze();
        for (int i = 0; i < 4; i++) {
            fixture.runAsSuperuser("c", "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))");
            fixture.runAsSuperuser("c", "SELECT pg_switch_wal()");
        }
        fixture.runAsSuperuser("c", "CHECKPOINT");
        await().atMost(LIMIT)
                .until(
                        () -> fixture.value(
                                "c",
                                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + operator.slot("c")
                                        + "'"),
                        "lost"::equals);
        process.unfreeze();
    }

    private static void askForPasswords(Server server) {
        server.execute("postgres", """
                DO $$ BEGIN
                  EXECUTE format('COPY (SELECT unnest(ARRAY[%L, %L])) TO %L',
                    'host all replicator all scram-sha-256', 'host all all all trust',
                    current_setting('hba_file'));
                  PERFORM pg_reload_conf();
                END $$""");
    }

    // ------------------------------------------------------------------ what is expected

    /** What the hint says. */
    private void mend(boolean drop) {
        if (drop) {
            ReplicatorProcess.Ended dropped =
                    operator.command("slot", "drop", operator.sync(), "--database", "c", "--yes");
            assertThat(dropped.code()).as(dropped.err()).isZero();
        }
        ReplicatorProcess.Ended created = operator.command("slot", "create", operator.sync(), "--database", "c");
        assertThat(created.code()).as(created.err()).isZero();
        await().atMost(LIMIT).until(() -> operator.command("status"), status -> status.code() == 0);
    }

    /** What the admin API of the running process answers. */
    private String get(String path) {
        AdminPlace.Address place =
                AdminPlace.of(fixture.file(), System.getenv()).find().get(0);
        HttpRequest request = HttpRequest.newBuilder(URI.create(place.address() + path))
                .header("Authorization", "Bearer " + place.token())
                .build();
        try {
            String answer = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(answer).isNotEmpty();
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
