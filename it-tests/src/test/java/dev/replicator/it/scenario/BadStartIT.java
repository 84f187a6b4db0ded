package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Command;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong at the start: {@code check} and {@code run} say the same, end with its exit code, and say what mends it. */
class BadStartIT {
    private static final String TABLE = "CREATE TABLE work (id int PRIMARY KEY, title text)";
    private static final List<String> BOTH = List.of("a", "b");
    private static Server server;

    @TempDir
    Path folder;

    private Fixture fixture;

    @BeforeAll
    static void startServer() {
        server = Servers.builder(Servers.NEWEST).start();
        // The role's password is asked for, as it is in earnest; everybody else is let in.
        server.execute("postgres", """
                DO $$ BEGIN
                  EXECUTE format('COPY (SELECT unnest(ARRAY[%L, %L])) TO %L',
                    'host all replicator all scram-sha-256', 'host all all all trust',
                    current_setting('hba_file'));
                  PERFORM pg_reload_conf();
                END $$""");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void twoMasters() {
        fixture = new Fixture().databases(BOTH, List.of(server), TABLE).sync("s", BOTH, List.of());
    }

    @AfterEach
    void remove() {
        fixture.close();
    }

    @Test
    void wrongPassword() throws IOException {
        fixture.grant();
        refused(
                with("password: \"Not-In-Any-Log\" }", "password: \"Wrong-And-In-No-Log\" }"),
                ErrorCode.AUTHENTICATION,
                "cannot connect to database \"a\" at 127.0.0.1",
                "password authentication failed",
                "Check user and password (password, password_file, or ~/.pgpass).");
    }

    @Test
    void wrongDatabaseName() throws IOException {
        fixture.grant();
        refused(
                with(fixture.databaseName("b") + "\"", "nowhere\""),
                ErrorCode.CONFIGURATION,
                "cannot connect to database \"b\"",
                "database \"nowhere\" does not exist",
                "Create the database, or correct the url of \"b\" in the configuration.");
    }

    @Test
    void encryptionThatTheServerDoesNotOffer() throws IOException {
        fixture.grant();
        refused(
                with(fixture.databaseName("b") + "\"", fixture.databaseName("b") + "?sslmode=require\""),
                ErrorCode.AUTHENTICATION,
                "cannot connect to database \"b\"",
                "does not support SSL",
                "sslmode");
    }

    @Test
    void nobodyListens() throws IOException {
        fixture.grant();
        Path file = with("127.0.0.1:" + server.port(), "127.0.0.1:1");
        ReplicatorProcess.Ended check = Command.run("check", "-c", file.toString());
        assertThat(check.code()).isEqualTo(ErrorCode.CONNECTION.exitCode());
        assertThat(check.out())
                .contains("could not connect to database \"a\" at 127.0.0.1:1", "Nobody listens there")
                .contains("HINT:    Check host and port");

        // It waits, and its admin API says for what.
        try (ReplicatorProcess process = fixture.process("run", "-c", file.toString())) {
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> Command.run("status", "-c", file.toString()).out(),
                            out -> out.contains("waits for a database to answer"));
            ReplicatorProcess.Ended status = Command.run("status", "-c", file.toString());
            assertThat(status.out())
                    .startsWith("process ")
                    .contains("waits for a database to answer", "Nobody listens there");
            assertThat(status.code()).isEqualTo(1);
            ReplicatorProcess.Ended kick = Command.run("kick", fixture.syncName("s"), "-c", file.toString());
            assertThat(kick.code()).isEqualTo(ErrorCode.ADMIN.exitCode());
            assertThat(kick.err()).contains("it is not running yet", "HINT:");
            Command.run("pause", fixture.syncName("s"), "-c", file.toString());
            assertThat(process.terminate()).isZero();
        }
    }

    @Test
    void aServerThatCannotDecodeAndHasNoRoom() throws IOException {
        try (Server bare = Servers.builder(Servers.NEWEST)
                        .setting("wal_level", "replica")
                        .setting("max_replication_slots", "1")
                        .setting("max_wal_senders", "1")
                        .start();
                Fixture poor = new Fixture()) {
            poor.databases(BOTH, List.of(bare), TABLE)
                    .sync("s", BOTH, List.of())
                    .grant();
            ReplicatorProcess.Ended check =
                    Command.run("check", "-c", poor.file().toString());
            assertThat(check.code()).isEqualTo(ErrorCode.SERVER_SETTING.exitCode());
            assertThat(check.out())
                    .contains("cannot read changes from database \"a\": wal_level is not logical", "It is \"replica\".")
                    .contains("HINT:    Set wal_level = logical and restart the server: ALTER SYSTEM")
                    .contains("cannot make enough replication slots on the server of database \"a\"")
                    .contains("max_replication_slots is 1, 0 are in use, and this sync needs 2 more.")
                    .contains("cannot make enough WAL senders on the server of database \"a\"")
                    .contains("HINT:    Raise max_wal_senders and restart the server");
            assertThat(Command.run("run", "-c", poor.file().toString()).code())
                    .isEqualTo(ErrorCode.SERVER_SETTING.exitCode());
        }
    }

    @Test
    void everyMissingPrivilege() {
        fixture.grant();
        missing(
                "ALTER ROLE replicator NOREPLICATION",
                "ALTER ROLE \"replicator\" REPLICATION;",
                "has not the attribute");
        fixture.runAsSuperuser("a", "ALTER DATABASE " + fixture.databaseName("a") + " OWNER TO postgres");
        missing(
                "REVOKE CREATE ON DATABASE " + fixture.databaseName("a") + " FROM replicator",
                "GRANT CREATE ON DATABASE \"" + fixture.databaseName("a") + "\" TO \"replicator\";",
                "has not the privilege CREATE on the database");
        missing("REVOKE app FROM replicator", "GRANT \"app\" TO \"replicator\";", "cannot publish tables");
        fixture.run("a", "CREATE TABLE child (id int PRIMARY KEY REFERENCES work)");
        fixture.run("b", "CREATE TABLE child (id int PRIMARY KEY REFERENCES work)");
        missing(
                "REVOKE SET ON PARAMETER session_replication_role FROM replicator",
                "GRANT SET ON PARAMETER session_replication_role TO \"replicator\";",
                "session_replication_role = replica");

        String origin = "pg_catalog.pg_replication_origin_create(text)";
        fixture.runAsSuperuser("a", "REVOKE EXECUTE ON FUNCTION " + origin + " FROM replicator");
        ReplicatorProcess.Ended check =
                Command.run("check", "-c", fixture.file().toString());
        assertThat(check.out()).contains("WARNING: cannot mark what is written to database \"a\"", "may not execute");
        assertThat(check.code()).isZero();
    }

    /** Takes a privilege away, expects to be told, does what is said, and expects to be let in. */
    private void missing(String revoke, String grant, String words) {
        fixture.runAsSuperuser("a", revoke);
        String file = fixture.file().toString();
        ReplicatorProcess.Ended check = Command.run("check", "-c", file);
        assertThat(check.code()).as(revoke + check.out()).isEqualTo(ErrorCode.PRIVILEGE.exitCode());
        assertThat(check.out())
                .contains(words)
                .contains("HINT:    Run \"replicator check --sql\" for the grants that are missing: ")
                .contains(grant);
        ReplicatorProcess.Ended run = Command.run("run", "-c", file);
        assertThat(run.code()).as(run.err()).isEqualTo(ErrorCode.PRIVILEGE.exitCode());
        assertThat(run.err()).contains(grant);
        fixture.grant();
        assertThat(Command.run("check", "-c", file).code())
                .as("after the grants")
                .isZero();
    }

    @Test
    void aTableWithoutAKey() throws IOException {
        BOTH.forEach(database -> fixture.run(database, "CREATE TABLE keyless (a int)"));
        fixture.sync("s", BOTH, List.of(), "tables: [public.work, public.keyless]")
                .grant();
        refused(
                fixture.file(),
                ErrorCode.TABLE,
                "cannot replicate table \"public\".\"keyless\"",
                "ALTER TABLE \"public\".\"keyless\" ADD PRIMARY KEY");
    }

    @Test
    void tablesThatDiffer() throws IOException {
        fixture.sync("s", BOTH, List.of(), "tables: [public.work]");
        fixture.grant();
        fixture.run("b", "ALTER TABLE work RENAME TO play");
        refused(fixture.file(), ErrorCode.TABLE, "On database \"b\" the table does not exist.", "Create it there");
        fixture.run("b", "ALTER TABLE play RENAME TO work");
        differs("ALTER TABLE work DROP COLUMN title", "ALTER TABLE work ADD title text", "\"title\"");
        differs(
                "ALTER TABLE work ALTER title TYPE point USING NULL",
                "ALTER TABLE work ALTER title TYPE text",
                "column \"title\" is point there instead of text");
        fixture.run("b", "ALTER TABLE work DROP CONSTRAINT work_pkey, ADD COLUMN other int PRIMARY KEY");
        refused(
                fixture.file(),
                ErrorCode.TABLE,
                "On database \"b\" the table has another key than elsewhere: not (id).",
                "Give it the same primary key on every database.");
    }

    private void differs(String change, String back, String words) throws IOException {
        fixture.run("b", change);
        refused(fixture.file(), ErrorCode.SCHEMA_DIFFERS, "\"public\".\"work\"", words);
        fixture.run("b", back);
    }

    @Test
    void everyMistakeOfTheFileAtOnce() throws IOException {
        Path file = folder.resolve("bad.yaml");
        Files.writeString(file, """
                databases:
                  a: { url: "postgresql://127.0.0.1/x", pasword: "Not-In-Any-Log" }
                  b: { url: "postgresql://127.0.0.1/y", password: "${REPLICATOR_IT_UNSET}" }
                syncs:
                  s:
                    sources: [a, bb]
                    conflict: lattest
                """);
        refused(
                file,
                ErrorCode.CONFIGURATION,
                "bad.yaml:2",
                "\"password\"",
                "bad.yaml:3",
                "REPLICATOR_IT_UNSET",
                "bad.yaml:6",
                "\"b\"",
                "bad.yaml:7",
                "latest");
    }

    /** {@code check} and {@code run} end with this code and say this. */
    private static void refused(Path file, ErrorCode code, String... words) {
        for (String command : List.of("check", "run")) {
            ReplicatorProcess.Ended ended = Command.run(command, "-c", file.toString());
            assertThat(ended.code())
                    .as(command + ": " + ended.out() + ended.err())
                    .isEqualTo(code.exitCode());
            assertThat(ended.out() + ended.err())
                    .as(command)
                    .contains(words)
                    .contains("HINT:")
                    .doesNotContain("In-Any-Log", "In-No-Log", "Exception");
        }
    }

    private Path with(String text, String other) throws IOException {
        String before = Files.readString(fixture.file());
        String after = before.replace(text, other);
        assertThat(after).isNotEqualTo(before);
        return Files.writeString(folder.resolve("other.yaml"), after);
    }
}
