package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.admin.AdminPlace;
import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Command;
import dev.replicator.it.harness.Fixture;
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
        ReplicatorProcess process = started();
        insert("c", 1);
        arrives(1, MASTERS);

        stopReading("c", "PERFORM pg_drop_replication_slot('" + slot("c") + "');");
        named("SLOT_MISSING", "slot create " + sync() + " --database c");
        insert("a", 2);
        arrives(2, List.of("a", "b"));
        mend(false);
        insert("c", 3);
        arrives(3, MASTERS);

        process.freeze();
        endWalSender("c");
        await().atMost(LIMIT)
                .until(
                        () -> fixture.value(
                                "c", "SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot("c") + "'"),
                        "f"::equals);
        insert("c", 90);
        fixture.runAsSuperuser(
                "c", "SELECT pg_replication_slot_advance('" + slot("c") + "', pg_current_wal_insert_lsn())");
        process.unfreeze();
        named("SLOT_AHEAD", "slot drop " + sync() + " --database c");
        insert("a", 4);
        mend(true);
        arrives(4, MASTERS);
        insert("c", 5);
        arrives(5, MASTERS);

        invalidate(process);
        named("SLOT_INVALIDATED", "raise max_slot_wal_keep_size or lower slot_budget");
        insert("a", 6);
        arrives(6, List.of("a", "b"));
        mend(true);
        insert("c", 7);
        arrives(7, MASTERS);
        assertThat(process.isRunning()).isTrue();
        assertThat(process.log()).doesNotContain(PASSWORD);
    }

    @Test
    void aPublicationThatLosesATableOrIsGone() {
        fixture.databases(MASTERS, List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", MASTERS, List.of())
                .grant();
        started();
        insert("c", 1);
        arrives(1, MASTERS);
        String publication = ServerNames.publication(sync());

        fixture.runAsSuperuser("c", "ALTER PUBLICATION \"" + publication + "\" DROP TABLE work");
        endWalSender("c");
        named("PUBLICATION", "It lacks \\\"public\\\".\\\"work\\\"");
        insert("a", 2);
        arrives(2, List.of("a", "b"));
        mend(false);
        arrives(2, MASTERS);

        fixture.runAsSuperuser("c", "DROP PUBLICATION \"" + publication + "\"");
        endWalSender("c");
        named("PUBLICATION", "The publication does not exist any more");
        insert("a", 3);
        arrives(3, List.of("a", "b"));
        mend(true);
        insert("c", 4);
        arrives(4, MASTERS);
    }

    @Test
    void aPasswordThatIsNoLongerRightAndWhatIsSaidAnywhere() throws IOException {
        Server strict = fixture.own(Servers.builder(Servers.NEWEST).start());
        fixture.databases(List.of("a", "b"), List.of(Servers.of(Servers.NEWEST)), TABLE);
        fixture.database("c", strict, TABLE).sync("s", MASTERS, List.of()).grant();
        askForPasswords(strict);
        ReplicatorProcess process = started();
        insert("c", 1);
        arrives(1, MASTERS);

        strict.execute("postgres", "ALTER ROLE replicator PASSWORD 'Changed-And-In-No-Log'");
        strict.execute(
                "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'replicator'");
        named("AUTHENTICATION", "Check user and password");
        insert("a", 2);
        arrives(2, List.of("a", "b"));
        String said = command("status").out()
                + command("status", "--json").out()
                + command("check").out()
                + command("slot", "list", "--json").out()
                + process.log()
                + Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                + get("/metrics")
                + get("/health");
        assertThat(said).contains("password authentication failed").doesNotContain(PASSWORD, "In-No-Log");

        strict.execute("postgres", "ALTER ROLE replicator PASSWORD '" + PASSWORD + "'");
        command("kick", sync());
        arrives(2, MASTERS);
    }

    @Test
    void aTargetThatIsReplacedByACopy() {
        fixture.databases(List.of("a", "t"), List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", List.of("a"), List.of("t"))
                .grant();
        started();
        insert("a", 1);
        arrives(1, List.of("a", "t"));

        String name = fixture.databaseName("t");
        String others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'";
        fixture.runAsSuperuser("a", "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        fixture.runAsSuperuser("a", others);
        fixture.runAsSuperuser("a", "CREATE DATABASE " + name + "_copy TEMPLATE " + name);
        fixture.runAsSuperuser("a", "DROP DATABASE " + name + " WITH (FORCE)");
        fixture.runAsSuperuser("a", "ALTER DATABASE " + name + "_copy RENAME TO " + name);
        command("kick", sync(), "--timeout", "1s");
        named("IDENTITY_CHANGED", "Its database was");
    }

    @Test
    void theSlotOfASingleSourceThatSomebodyAdvanced() {
        fixture.databases(List.of("a", "t"), List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", List.of("a"), List.of("t"))
                .grant();
        ReplicatorProcess process = started();
        insert("a", 1);
        arrives(1, List.of("a", "t"));
        await().atMost(LIMIT)
                .until(
                        () -> fixture.value(
                                "t", "SELECT states::text FROM replicator.progress WHERE sync = '" + sync() + "'"),
                        states -> states.contains("position"));
        assertThat(process.terminate()).isZero();

        insert("a", 2);
        fixture.runAsSuperuser(
                "a", "SELECT pg_replication_slot_advance('" + slot("a") + "', pg_current_wal_insert_lsn())");
        ReplicatorProcess.Ended check = command("check");
        assertThat(check.code()).isEqualTo(ErrorCode.SLOT_AHEAD.exitCode());
        assertThat(check.out()).contains("ahead of the last stored position", "slot drop " + sync() + " --database a");
        assertThat(command("run").code()).isEqualTo(ErrorCode.SLOT_AHEAD.exitCode());

        assertThat(command("slot", "drop", sync(), "--database", "a", "--yes").code())
                .isZero();
        assertThat(command("check").code()).isEqualTo(ErrorCode.SLOT_MISSING.exitCode());
        assertThat(command("slot", "create", sync(), "--database", "a").code()).isZero();
        started();
        insert("a", 3);
        arrives(3, List.of("a", "t"));
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
                END $$""".formatted(slot(database), then));
    }

    private void endWalSender(String database) {
        fixture.runAsSuperuser(
                database,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '" + slot(database)
                        + "'");
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
                                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + slot("c") + "'"),
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

    /** The status names the failure as standing, and says what mends it. */
    private void named(String code, String words) {
        await().atMost(LIMIT)
                .until(
                        () -> command("status", "--json").out(),
                        out -> out.contains("\"code\" : \"" + code + "\"") && out.contains(words));
        await().atMost(LIMIT).until(() -> command("status").code(), exit -> exit == 1);
    }

    /** A process that reads and writes all databases. */
    private ReplicatorProcess started() {
        ReplicatorProcess process = fixture.startProcess();
        await().atMost(LIMIT)
                .failFast(process::assertRunning)
                .until(
                        () -> command("status"),
                        status -> status.code() == 0
                                && status.out().contains("streaming")
                                && !status.out().contains("starting")
                                && !status.out().contains("joining"));
        return process;
    }

    /** What the hint says. */
    private void mend(boolean drop) {
        if (drop) {
            ReplicatorProcess.Ended dropped = command("slot", "drop", sync(), "--database", "c", "--yes");
            assertThat(dropped.code()).as(dropped.err()).isZero();
        }
        ReplicatorProcess.Ended created = command("slot", "create", sync(), "--database", "c");
        assertThat(created.code()).as(created.err()).isZero();
        await().atMost(LIMIT).until(() -> command("status"), status -> status.code() == 0);
    }

    private void insert(String database, int id) {
        fixture.run(database, "INSERT INTO work VALUES (" + id + ", 'by " + database + "')");
    }

    private void arrives(int id, List<String> databases) {
        for (String database : databases) {
            await().atMost(LIMIT)
                    .until(
                            () -> fixture.query(database, "SELECT id FROM work WHERE id = " + id),
                            rows -> rows.size() == 1);
        }
    }

    private String sync() {
        return fixture.syncName("s");
    }

    private String slot(String database) {
        return ServerNames.slot(sync(), database);
    }

    private ReplicatorProcess.Ended command(String... words) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--config";
        all[words.length + 1] = fixture.file().toString();
        return Command.run(all);
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
