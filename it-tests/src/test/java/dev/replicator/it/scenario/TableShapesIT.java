package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MastersAndTarget;
import dev.replicator.it.harness.Servers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tables of every shape: keys, replica identities, generated and identity columns, partitions, references, odd names. */
class TableShapesIT {
    private static final String ODD_TABLE = "\"Größe \"\"x\"\" .y\".\"select\"";
    private static final String LONGEST = "\"" + "ü".repeat(31) + "x\"";

    private static MastersAndTarget databases;

    @BeforeAll
    static void start() {
        Fixture fixture = MastersAndTarget.empty();
        for (String name : fixture.names()) {
            fixture.run(
                    name,
                    "CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, v text)",
                    "CREATE UNIQUE INDEX by_code ON by_index (code)",
                    "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_code",
                    "CREATE TABLE by_full (id int PRIMARY KEY, v text, doc text)",
                    "ALTER TABLE by_full REPLICA IDENTITY FULL",
                    "CREATE TABLE composite (t text, u uuid, n numeric, w timestamptz, b bytea, v text,"
                            + " PRIMARY KEY (n, t, w, b, u))",
                    "CREATE TABLE generated (a int, id int GENERATED ALWAYS AS IDENTITY (START WITH "
                            + (fixture.names().indexOf(name) + 1) + " INCREMENT BY 10) PRIMARY KEY,"
                            + " twice int GENERATED ALWAYS AS (a * 2) STORED, b text DEFAULT 'default')",
                    "CREATE TABLE parted (region text, id int, v text, PRIMARY KEY (region, id)) PARTITION BY LIST (region)",
                    "CREATE TABLE parted_eu PARTITION OF parted FOR VALUES IN ('eu')",
                    "CREATE TABLE parted_rest PARTITION OF parted DEFAULT",
                    "CREATE TABLE parent (id int PRIMARY KEY, v text)",
                    "CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent, self int REFERENCES child)",
                    "CREATE SCHEMA \"Größe \"\"x\"\" .y\"",
                    "CREATE TABLE " + ODD_TABLE
                            + " (\"Id\" int, \"a.b\" int, \"from\" text, \"q?'\"\" $1 %s \\\" text, " + LONGEST
                            + " text, \" \" text, \"user\" text, PRIMARY KEY (\"a.b\", \"Id\"))");
        }
        fixture.run("m2", "CREATE TABLE reordered (c text, id int PRIMARY KEY, dropped int, a int, b text)");
        fixture.run("m2", "ALTER TABLE reordered DROP COLUMN dropped");
        for (String name : List.of("m1", "m3", MastersAndTarget.TARGET)) {
            fixture.run(name, "CREATE TABLE reordered (id int PRIMARY KEY, a int, b text, c text)");
        }
        databases = MastersAndTarget.start(fixture);
    }

    @AfterAll
    static void stop() {
        databases.close();
    }

    @Test
    void rowsAreFoundByTheIndexThatIsTheReplicaIdentity() {
        databases.run("m1", "INSERT INTO by_index SELECT g, 'code ' || g, 'first' FROM generate_series(1, 3) g");
        databases.settle("by_index");
        databases.pause();
        databases.run("m1", "UPDATE by_index SET v = 'm1', id = 11 WHERE id = 1", "DELETE FROM by_index WHERE id = 2");
        databases.run("m2", "UPDATE by_index SET v = 'm2' WHERE code = 'code 1'");
        databases.run("m3", "UPDATE by_index SET code = 'other', v = 'm3' WHERE id = 3");
        databases.resumeAndSettle("by_index");

        assertThat(databases.rows("by_index")).containsExactly("(1,\"code 1\",m2)", "(3,other,m3)");
        assertThat(databases.history("by_index", 1))
                .allSatisfy(entry -> assertThat(entry.loser().key()).isEqualTo("{\"code\": \"code 1\"}"));
    }

    @Test
    void rowsOfReplicaIdentityFullAreFoundByTheirPrimaryKey() {
        databases.run("m2", "INSERT INTO by_full SELECT g, 'first', repeat('x', 9000) FROM generate_series(1, 3) g");
        databases.settle("by_full");
        databases.pause();
        databases.run("m1", "UPDATE by_full SET v = 'm1' WHERE id = 1", "DELETE FROM by_full WHERE id = 2");
        databases.run("m3", "UPDATE by_full SET id = 13 WHERE id = 3");
        databases.resumeAndSettle("by_full");

        assertThat(databases
                        .fixture()
                        .query(
                                MastersAndTarget.TARGET,
                                "SELECT concat_ws(' ', id, v, length(doc)) FROM" + " by_full ORDER BY id"))
                .containsExactly("1 m1 9000", "13 first 9000");
    }

    /** Numerics of another scale and instants of another zone are the same key. */
    @Test
    void compositeKeysOfMixedTypesMeetTheirRows() {
        String key = "('it''s \"a\", (b)\\', '11111111-1111-1111-1111-111111111111', %s, '%s', '\\x00ff5c27', '%s')";
        databases.pause();
        databases.run("m1", "INSERT INTO composite VALUES " + key.formatted("1.0", "2026-01-01 12:00+00", "m1"));
        databases.run("m2", "INSERT INTO composite VALUES " + key.formatted("1.00", "2026-01-01 14:00+02", "m2"));
        databases.run("m3", "INSERT INTO composite VALUES " + key.formatted("1", "2025-12-31 23:30-12:30", "m3"));
        databases.run("m3", "INSERT INTO composite VALUES " + key.formatted("1.01", "infinity", "another"));
        databases.resume();
        databases.settleColumns("composite", "t, u, w, b, v");

        assertThat(databases.fixture().query(MastersAndTarget.TARGET, "SELECT v FROM composite ORDER BY v"))
                .containsExactly("another", "m3");
        databases.history("composite", 2);
        databases.run("m2", "UPDATE composite SET v = 'all' WHERE n = 1", "DELETE FROM composite WHERE n > 1");
        databases.settleColumns("composite", "t, u, w, b, v");
        assertThat(databases.fixture().query("m1", "SELECT v FROM composite")).containsExactly("all");
    }

    @Test
    void generatedAndIdentityColumnsAreEachDatabasesOwnMaking() {
        for (String master : MastersAndTarget.MASTERS) {
            databases.run(master, "INSERT INTO generated (a) VALUES (1), (2)");
        }
        databases.settle("generated");
        databases.run("m3", "UPDATE generated SET a = 100 WHERE id = 1", "DELETE FROM generated WHERE id = 2");
        databases.settle("generated");

        assertThat(databases.rows("generated"))
                .containsExactlyInAnyOrder(
                        "(100,1,200,default)",
                        "(2,11,4,default)",
                        "(2,12,4,default)",
                        "(1,3,2,default)",
                        "(2,13,4,default)");
    }

    @Test
    void columnsMayStandInAnotherOrder() {
        databases.run("m2", "INSERT INTO reordered (id, a, b, c) SELECT g, g, 'b', 'c' FROM generate_series(1, 9) g");
        databases.settleColumns("reordered", "id, a, b, c");
        databases.pause();
        databases.run("m1", "UPDATE reordered SET a = 11, b = 'm1', c = NULL WHERE id = 1");
        databases.run("m2", "UPDATE reordered SET a = 22, b = 'm2', c = 'same' WHERE id = 1");
        for (String master : MastersAndTarget.MASTERS) {
            databases.run(master, "UPDATE reordered SET c = 'same' WHERE id = 2");
        }
        databases.resume();
        databases.settleColumns("reordered", "id, a, b, c");

        assertThat(databases.fixture().query("m3", "SELECT t::text FROM reordered t WHERE id < 3 ORDER BY id"))
                .containsExactly("(1,22,m2,same)", "(2,2,b,same)");
        databases.history("reordered", 1);
    }

    @Test
    void rowsMoveBetweenPartitions() {
        databases.run("m1", "INSERT INTO parted SELECT 'eu', g, 'first' FROM generate_series(1, 4) g");
        databases.settle("parted");
        databases.pause();
        databases.run("m1", "UPDATE parted SET region = 'us' WHERE id = 1");
        databases.run("m2", "UPDATE parted SET v = 'm2' WHERE id = 1", "UPDATE parted SET v = 'm2' WHERE id = 2");
        databases.run("m3", "DELETE FROM parted WHERE id = 3");
        databases.resumeAndSettle("parted", "parted_eu", "parted_rest");

        assertThat(databases.rows("parted_eu"))
                .contains("(eu,2,m2)", "(eu,4,first)")
                .doesNotContain("(eu,3,first)");
    }

    @Test
    void parentsAndChildrenOfOneBatchNeedNoOrder() {
        databases.run("m1", "INSERT INTO parent SELECT g, 'first' FROM generate_series(1, 50) g");
        databases.settle("parent");
        databases.pause();
        databases.run("m1", """
                INSERT INTO child VALUES (1, 1, NULL), (2, 2, 1);
                INSERT INTO parent VALUES (100, 'm1');
                INSERT INTO child VALUES (3, 100, 2)""");
        databases.run("m1", "DELETE FROM child WHERE id = 3; DELETE FROM parent WHERE id IN (100, 50)");
        databases.run(
                "m2",
                "UPDATE parent SET v = 'm2'",
                "INSERT INTO child SELECT g, g, NULL FROM generate_series(4, 40) g");
        databases.run("m3", "INSERT INTO parent VALUES (200, 'm3'); INSERT INTO child VALUES (200, 200, 200)");
        databases.resumeAndSettle("parent", "child");

        assertThat(databases.rows("child")).hasSize(2 + 37 + 1);
        databases.run("m1", "DELETE FROM child", "DELETE FROM parent");
        databases.settle("parent", "child");
    }

    @Test
    void namesMayHoldAnything() {
        String insert = "INSERT INTO " + ODD_TABLE + " VALUES (%d, %d, 'from', 'q', 'long', ' ', 't')";
        for (int id = 1; id <= 6; id++) {
            databases.run("m1", insert.formatted(id, -id));
        }
        databases.settle(ODD_TABLE);
        databases.pause();
        databases.run(
                "m2",
                "UPDATE " + ODD_TABLE + " SET \"q?'\"\" $1 %s \\\" = 'm2', " + LONGEST + " = NULL WHERE \"Id\" = 1");
        databases.run("m3", "UPDATE " + ODD_TABLE + " SET \"Id\" = 12, \" \" = 'm3' WHERE \"Id\" = 2");
        databases.run("m1", "DELETE FROM " + ODD_TABLE + " WHERE \"Id\" IN (1, 3)");
        databases.resumeAndSettle(ODD_TABLE);

        assertThat(databases.rows(ODD_TABLE)).hasSize(4).contains("(12,-2,from,q,long,m3,t)");
        assertThat(databases.history("select", 1).get(0).loser().row()).contains("\"q?'\\\" $1 %s \\\\\": \"m2\"");
    }

    @Test
    void aTableWithoutReplicaIdentityIsRefusedByName() {
        try (Fixture fixture = new Fixture()) {
            for (String name : List.of("n1", "n2")) {
                fixture.database(
                        name,
                        Servers.of(name.equals("n1") ? Servers.OLDEST : Servers.NEWEST),
                        "CREATE TABLE silent (id int PRIMARY KEY)",
                        "ALTER TABLE silent REPLICA IDENTITY NOTHING");
            }
            fixture.sync("silent", List.of("n1", "n2"), List.of(), "tables: [public.silent]")
                    .grant();

            assertThatThrownBy(fixture::start)
                    .isInstanceOfSatisfying(
                            ReplicatorException.class,
                            refusal -> assertThat(refusal.formatted())
                                    .contains("cannot replicate table \"public\".\"silent\"")
                                    .contains("has REPLICA IDENTITY NOTHING")
                                    .contains("REPLICA IDENTITY DEFAULT"));
        }
    }
}
