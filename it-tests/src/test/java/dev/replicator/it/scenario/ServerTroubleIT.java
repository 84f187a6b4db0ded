package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MortalServer;
import dev.replicator.it.harness.Operator;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.it.harness.SmallDisk;
import dev.replicator.model.ServerNames;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/**
 * What happens to servers from outside: somebody holds a slot, or makes it anew, another cluster answers at the address, a
 * disk is full. It is named with what mends it, and nothing is lost.
 */
class ServerTroubleIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TABLE = "CREATE TABLE work (id int PRIMARY KEY, title text)";
    private static final List<String> MASTERS = List.of("a", "b", "c");

    private final Fixture fixture = new Fixture();
    private final Operator operator = new Operator(fixture);

    @AfterEach
    void remove() {
        fixture.close();
    }

    @Test
    void aSlotThatSomebodyElseReadsOrHasMadeAnew() throws SQLException {
        fixture.databases(List.of("a", "t"), List.of(Servers.of(Servers.NEWEST)), TABLE)
                .sync("s", List.of("a"), List.of("t"))
                .grant();
        ReplicatorProcess process = operator.started();
        operator.insert("a", 1);
        operator.awaitRow(1, List.of("a", "t"));
        assertThat(process.terminate()).isZero();

        operator.insert("a", 2);
        String slot = operator.slot("a");
        try (Connection connection = replicationConnection("a")) {
            PGReplicationStream theirs = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(slot)
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", ServerNames.publication(operator.sync()))
                    .start();
            ReplicatorProcess.Ended check = operator.command("check");
            assertThat(check.out()).contains("It is in use by server process", "somebody's reader");
            process = fixture.startProcess();
            await().atMost(LIMIT)
                    .until(
                            () -> operator.command("status").out(),
                            out -> out.contains("held by server process") && out.contains("somebody's reader"));
            theirs.close();
        }
        operator.awaitRow(2, List.of("t"));
        assertThat(operator.command("status").code()).isZero();
        assertThat(process.terminate()).isZero();

        operator.insert("a", 3);
        fixture.runAsSuperuser("a", "SELECT pg_drop_replication_slot('" + slot + "')");
        fixture.runAsSuperuser("a", "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
        assertThat(operator.command("check").out())
                .contains("ahead of the last stored position", "slot drop " + operator.sync() + " --database a");
        assertThat(operator.command("run").code()).isEqualTo(ErrorCode.SLOT_AHEAD.exitCode());
    }

    private Connection replicationConnection(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("replication", "database");
        properties.setProperty("assumeMinServerVersion", "14");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("ApplicationName", "somebody's reader");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + fixture.server(database).port() + "/" + fixture.databaseName(database),
                properties);
    }

    @Test
    void anotherClusterAtTheSameAddress() {
        Server first = Servers.of(Servers.NEWEST);
        Server second = Servers.of(Servers.NEWEST, 2);
        try (MortalServer moved = new MortalServer(first)) {
            fixture.databases(List.of("a", "b"), List.of(first), TABLE)
                    .database("c", moved, TABLE)
                    .sync("s", MASTERS, List.of())
                    .grant();
            // The other cluster has such a database, too, which another sync could use.
            moved.become(second);
            String name = fixture.databaseName("c");
            second.createDatabase(name);
            try (Fixture there = new Fixture()) {
                there.database("x", second, TABLE);
                second.execute("postgres", "ALTER DATABASE " + name + " OWNER TO app");
                second.execute(name, TABLE);
                fixture.grant();
                moved.become(first);

                operator.started();
                operator.insert("c", 1);
                operator.awaitRow(1, MASTERS);

                moved.become(second);
                operator.awaitNamed("IDENTITY_CHANGED", "Its cluster was");
                operator.insert("a", 2);
                operator.awaitRow(2, List.of("a", "b"));
                assertThat(fixture.query("c", "SELECT id FROM work")).isEmpty();

                moved.become(first);
                operator.command("kick", operator.sync());
                operator.awaitRow(2, MASTERS);
                assertThat(operator.command("status").code()).isZero();
            } finally {
                moved.become(first);
                second.execute("postgres", "DROP DATABASE " + name + " WITH (FORCE)");
            }
        }
    }

    @Test
    @EnabledIf(
            value = "mayMount",
            disabledReason = "full disks of servers were NOT TESTED: only root may make small ones")
    void aTargetWhoseDiskIsFull() {
        Server server = fixture.own(Servers.builder(Servers.NEWEST).start());
        try (SmallDisk disk = SmallDisk.of(8, server)) {
            fixture.databases(List.of("a", "b"), List.of(Servers.of(Servers.NEWEST)), TABLE);
            fixture.database("t", server).sync("s", List.of("a", "b"), List.of("t"));
            fixture.runAsSuperuser("t", "CREATE TABLESPACE small LOCATION '" + disk.folder() + "'");
            fixture.runAsSuperuser("t", "GRANT CREATE ON TABLESPACE small TO app");
            fixture.run("t", TABLE + " TABLESPACE small", "CREATE TABLE ballast (t text) TABLESPACE small");
            fixture.grant();
            ReplicatorProcess process = operator.started();
            operator.insert("a", 1);
            operator.awaitRow(1, List.of("a", "b", "t"));

            fixture.run("t", """
                    DO $$ BEGIN
                      LOOP
                        INSERT INTO ballast VALUES (repeat('x', 1500));
                      END LOOP;
                    EXCEPTION WHEN disk_full THEN RAISE NOTICE 'full';
                    END $$""");
            fixture.run("a", "INSERT INTO work SELECT g, repeat(md5(g::text), 20) FROM generate_series(101, 2000) g");
            operator.awaitNamed("DISK", "Make room on the server's disk.");
            operator.insert("b", 2);
            operator.awaitRow(2, List.of("a", "b"));

            fixture.run("t", "DROP TABLE ballast");
            operator.awaitRow(2, List.of("t"));
            assertThat(fixture.value("t", "SELECT count(*) FROM work")).isEqualTo("1902");
            assertThat(process.isRunning()).isTrue();
        }
    }

    static boolean mayMount() {
        return SmallDisk.isPossible();
    }
}
