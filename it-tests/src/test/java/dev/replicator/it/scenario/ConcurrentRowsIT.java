package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.it.harness.MastersAndTarget;
import dev.replicator.postgres.ConflictHistory.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Changes of the same rows on three masters that have not seen each other: all databases end equal, by the change
 * committed last, and each discarded one is in the history once, with both versions, where, when and why.
 */
class ConcurrentRowsIT {
    private static MastersAndTarget databases;

    @BeforeAll
    static void start() {
        databases = MastersAndTarget.start(
                table("insert_insert"),
                table("update_update"),
                table("update_delete"),
                table("delete_update"),
                table("delete_delete"),
                table("delete_insert"),
                table("insert_delete"),
                table("kinds"),
                table("torn"),
                table("in_sight"),
                "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                "CREATE TABLE same (id int PRIMARY KEY, v text, how mood, n numeric, big text)");
    }

    @AfterAll
    static void stop() {
        databases.close();
    }

    private static String table(String name) {
        return "CREATE TABLE " + name + " (id int PRIMARY KEY, v text)";
    }

    /** A table with one row that all databases hold, and the sync paused. */
    private static void pausedWithRow(String table) {
        databases.run("m1", "INSERT INTO " + table + " VALUES (1, 'first')");
        databases.settle(table);
        databases.pause();
    }

    /**
     * The discarded changes of a table: what, made where. Of several that lose, what each lost to depends on which was
     * read first; it was concurrent and committed later in any case.
     */
    private static List<String> discarded(String table, int expected) {
        List<Entry> history = databases.history(table, expected);
        assertThat(history).allSatisfy(entry -> {
            assertThat(entry.winner().database()).isNotEqualTo(entry.loser().database());
            assertThat(entry.winner().commitTime())
                    .isAfter(Objects.requireNonNull(entry.loser().commitTime()));
        });
        return history.stream()
                .map(entry -> entry.loser().kind() + " on " + entry.loser().database() + " "
                        + entry.loser().row())
                .toList();
    }

    @Test
    void ofInsertsOfOneKeyTheLastStands() {
        databases.pause();
        databases.run("m2", "INSERT INTO insert_insert VALUES (1, 'm2')");
        databases.run("m3", "INSERT INTO insert_insert VALUES (1, 'm3')");
        databases.run("m1", "INSERT INTO insert_insert VALUES (1, 'm1')");
        databases.resumeAndSettle("insert_insert");

        assertThat(databases.rows("insert_insert")).containsExactly("(1,m1)");
        assertThat(discarded("insert_insert", 2))
                .containsExactly(
                        "insert on m2 {\"v\": \"m2\", \"id\": \"1\"}", "insert on m3 {\"v\": \"m3\", \"id\": \"1\"}");
    }

    @Test
    void aDiscardedUpdateIsInTheHistoryWithBothVersionsWhereWhenAndWhy() {
        pausedWithRow("update_update");
        Instant before = clock();
        databases.run("m1", "UPDATE update_update SET v = 'it''s \"m1\"' WHERE id = 1");
        databases.run("m2", "UPDATE update_update SET v = 'm2' WHERE id = 1");
        Instant after = clock();
        databases.resumeAndSettle("update_update");

        assertThat(databases.rows("update_update")).containsExactly("(1,m2)");
        Entry entry = databases.history("update_update", 1).get(0);
        assertThat(entry.id()).startsWith("m1:" + entry.loser().commitLsn());
        assertThat(entry.policy()).isEqualTo("latest");
        assertThat(entry.reason()).contains("the change on m2 was committed").contains("later");
        assertThat(entry.loser().database()).isEqualTo("m1");
        assertThat(entry.loser().key()).isEqualTo("{\"id\": \"1\"}");
        assertThat(entry.loser().row()).isEqualTo("{\"v\": \"it's \\\"m1\\\"\", \"id\": \"1\"}");
        assertThat(entry.winner().database()).isEqualTo("m2");
        assertThat(entry.winner().row()).isEqualTo("{\"v\": \"m2\", \"id\": \"1\"}");
        assertThat(entry.loser().commitTime()).isBetween(before, after);
        assertThat(entry.winner().commitTime())
                .isBetween(Objects.requireNonNull(entry.loser().commitTime()), after);
    }

    private static Instant clock() {
        return Instant.parse(databases
                .fixture()
                .value(
                        "m1",
                        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
    }

    @Test
    void aDeleteStandsAgainstEarlierUpdates() {
        pausedWithRow("update_delete");
        databases.run("m2", "UPDATE update_delete SET v = 'm2' WHERE id = 1");
        databases.run("m3", "UPDATE update_delete SET v = 'm3' WHERE id = 1");
        databases.run("m1", "DELETE FROM update_delete WHERE id = 1");
        databases.resumeAndSettle("update_delete");

        assertThat(databases.rows("update_delete")).isEmpty();
        assertThat(discarded("update_delete", 2))
                .containsExactly(
                        "update on m2 {\"v\": \"m2\", \"id\": \"1\"}", "update on m3 {\"v\": \"m3\", \"id\": \"1\"}");
    }

    @Test
    void anUpdateBringsBackARowDeletedEarlierElsewhere() {
        pausedWithRow("delete_update");
        databases.run("m3", "DELETE FROM delete_update WHERE id = 1");
        databases.run("m2", "DELETE FROM delete_update WHERE id = 1");
        databases.run("m1", "UPDATE delete_update SET v = 'm1' WHERE id = 1");
        databases.resumeAndSettle("delete_update");

        assertThat(databases.rows("delete_update")).containsExactly("(1,m1)");
        assertThat(discarded("delete_update", 2))
                .containsExactly("delete on m3 {\"id\": \"1\"}", "delete on m2 {\"id\": \"1\"}");
    }

    @Test
    void theHistoryHasPostgresNamesForWhatHappened() {
        databases.run("m1", "INSERT INTO kinds SELECT g, 'first' FROM generate_series(1, 3) g");
        databases.settle("kinds");
        databases.pause();
        databases.run("m1", "UPDATE kinds SET v = 'm1' WHERE id = 1");
        databases.run("m1", "UPDATE kinds SET v = 'm1' WHERE id = 2");
        databases.run("m1", "DELETE FROM kinds WHERE id = 3");
        databases.run("m1", "INSERT INTO kinds VALUES (4, 'm1')");
        databases.run("m2", "UPDATE kinds SET v = 'm2' WHERE id = 1");
        databases.run("m2", "DELETE FROM kinds WHERE id = 2");
        databases.run("m2", "UPDATE kinds SET v = 'm2' WHERE id = 3");
        databases.run("m2", "INSERT INTO kinds VALUES (4, 'm2')");
        databases.resumeAndSettle("kinds");

        assertThat(databases.rows("kinds")).containsExactly("(1,m2)", "(3,m2)", "(4,m2)");
        assertThat(databases.history("kinds", 4))
                .extracting(Entry::type)
                .containsExactly("update_origin_differs", "update_deleted", "delete_origin_differs", "insert_exists");
        assertThat(databases.history("kinds", 4))
                .extracting(e -> e.winner().kind())
                .containsExactly("update", "delete", "update", "insert");
    }

    @Test
    void deletesOfOneRowAreNoConflict() {
        pausedWithRow("delete_delete");
        MastersAndTarget.MASTERS.forEach(master -> databases.run(master, "DELETE FROM delete_delete WHERE id = 1"));
        databases.resumeAndSettle("delete_delete");

        assertThat(databases.rows("delete_delete")).isEmpty();
        assertThat(databases.history("delete_delete", 0)).isEmpty();
    }

    @Test
    void aRowThatWasDeletedAndInsertedAgainLosesAsOneChange() {
        pausedWithRow("delete_insert");
        databases.run("m1", "DELETE FROM delete_insert; INSERT INTO delete_insert VALUES (1, 'm1')");
        databases.run("m2", "DELETE FROM delete_insert; INSERT INTO delete_insert VALUES (1, 'm2')");
        databases.run("m3", "UPDATE delete_insert SET v = 'm3' WHERE id = 1");
        databases.resumeAndSettle("delete_insert");

        assertThat(databases.rows("delete_insert")).containsExactly("(1,m3)");
        assertThat(discarded("delete_insert", 2))
                .containsExactly(
                        "insert on m1 {\"v\": \"m1\", \"id\": \"1\"}", "insert on m2 {\"v\": \"m2\", \"id\": \"1\"}");
    }

    @Test
    void aRowInsertedAndDeletedAgainTakesTheRowInsertedEarlierElsewhereWithIt() {
        databases.pause();
        databases.run("m3", "INSERT INTO insert_delete VALUES (1, 'm3')");
        databases.run("m2", "INSERT INTO insert_delete VALUES (1, 'm2')");
        databases.run("m1", "INSERT INTO insert_delete VALUES (1, 'm1')", "DELETE FROM insert_delete WHERE id = 1");
        databases.resumeAndSettle("insert_delete");

        assertThat(databases.rows("insert_delete")).isEmpty();
        assertThat(discarded("insert_delete", 2))
                .containsExactly(
                        "insert on m3 {\"v\": \"m3\", \"id\": \"1\"}", "insert on m2 {\"v\": \"m2\", \"id\": \"1\"}");
    }

    @Test
    void ofATransactionOnlyTheRowThatLosesIsDiscarded() {
        databases.run("m1", "INSERT INTO torn SELECT g, 'first' FROM generate_series(1, 5) g");
        databases.settle("torn");
        databases.pause();
        databases.run("m1", "UPDATE torn SET v = 'm1 ' || id");
        databases.run("m2", "UPDATE torn SET v = 'm2 ' || id WHERE id = 3");
        databases.run("m3", "DELETE FROM torn WHERE id = 5");
        databases.resumeAndSettle("torn");

        assertThat(databases.rows("torn"))
                .containsExactly("(1,\"m1 1\")", "(2,\"m1 2\")", "(3,\"m2 3\")", "(4,\"m1 4\")");
        List<Entry> history = databases.history("torn", 2);
        assertThat(history).extracting(e -> e.loser().database()).containsOnly("m1");
        assertThat(history)
                .extracting(e -> e.loser().commitLsn())
                .containsOnly(history.get(0).loser().commitLsn());
        assertThat(history)
                .extracting(e -> e.loser().key())
                .containsExactlyInAnyOrder("{\"id\": \"3\"}", "{\"id\": \"5\"}");
    }

    @Test
    void aChangeMadeInSightOfAnotherIsNoConflict() {
        databases.run("m1", "INSERT INTO in_sight VALUES (1, 'm1')");
        for (String master : List.of("m2", "m3", "m1")) {
            databases.settle("in_sight");
            databases.run(master, "UPDATE in_sight SET v = '" + master + " again' WHERE id = 1");
        }
        databases.settle("in_sight");

        assertThat(databases.rows("in_sight")).containsExactly("(1,\"m1 again\")");
        assertThat(databases.history("in_sight", 0)).isEmpty();
    }

    @Test
    void equalRowsAreNoConflict() {
        databases.pause();
        for (String master : MastersAndTarget.MASTERS) {
            databases.run(master, "INSERT INTO same VALUES (1, 'same', 'glad', 1.50, repeat('x', 10000))");
        }
        databases.resumeAndSettle("same");
        databases.pause();
        for (String master : MastersAndTarget.MASTERS) {
            databases.run(master, "UPDATE same SET v = 'changed', how = 'sad', big = repeat('y', 10000) WHERE id = 1");
        }
        databases.resumeAndSettle("same");

        assertThat(databases.rows("same")).hasSize(1).first().asString().startsWith("(1,changed,sad,1.50,yyy");
        assertThat(databases.history("same", 0)).isEmpty();
    }
}
